# figures/groenwall.gp -- log |Y| against t under the chain of bounds of Theorem 3, and the rates at which |Y| and each bound fall
#
# The panels show t as long as |Y| of the augmented flow is resolved, or a few times as long as there are bounds, and say so where that is not all of t; bounds that
# grow leave them.

top = strlen(constants_text) && strlen(words_text) ? 0.765 : 0.80
set label 1 title_text at screen 0.5, 0.955 center noenhanced font title_font
set label 2 subtitle_text at screen 0.5, 0.905 center noenhanced font subtitle_font
set label 3 constants_text at screen 0.5, 0.86 center noenhanced font fit(0.9, constants_text)
set label 4 words_text at screen 0.5, (strlen(constants_text) ? 0.815 : 0.86) center noenhanced font fit(0.9, words_text)
set multiplot
set key off

set lmargin at screen 0.095; set rmargin at screen (has_rates ? 0.60 : 0.965)
set bmargin at screen 0.285; set tmargin at screen top
set xlabel (t_shown < t_end ? sprintf('t,  the first %s of %s', size_text(t_shown), size_text(t_end)) : 't') offset 0, 0.4
eval y_label('distance to E,  |Y|')
set logscale y
unset mytics
set format y power_format
set xrange [0 : t_shown]
set yrange [distance_low : distance_high]
if (rounding > distance_low) {
    if (!is_text) { set object 1 rectangle from graph 0, graph 0 to graph 1, first rounding behind fillcolor rgb '#f2f2f2' fillstyle solid noborder }
    set label 5 'rounding' at graph 0.015, first rounding left offset 0, 0.5 textcolor rgb color_bound
}
if (!distance_drawn) { set label 6 '|Y| = 0: nothing to draw' at graph 0.5, 0.5 center }
# only what is there: an empty curve would leave its colour in the file
style_paper = "with lines linetype line_paper linewidth 2 linecolor rgb color_paper dashtype 3"
style_path = "with lines linetype line_tube linewidth 2 linecolor rgb color_tube dashtype 5"
style_bernoulli = "with lines linetype line_bernoulli linewidth 2 linecolor rgb color_bernoulli dashtype 4"
style_slope = "with lines linetype line_axis linewidth 1 linecolor rgb '#000000' dashtype 1"
style_lowest = "with lines linetype line_other linewidth 1.5 linecolor rgb '#000000' dashtype 2"
style_identity = "with points pointtype mark('o', 7) pointsize points(0.7) linecolor rgb '#000000'"
style_flow = "with lines linetype line_of(flow) linewidth (flow eq 'augmented' ? 2.5 : 2) linecolor rgb color_of(flow) dashtype dash_of(flow)"
curve(is_there, name, style) = is_there ? ", data index '".name.";' using 1:2 ".style : ""
curve_flows = ", for [flow in flows_off_E] data index sprintf('distance %s;', flow) using 1:2 ".style_flow
curve_paper = curve(has_paper, 'paper', style_paper)
curve_path = curve(has_path, 'path', style_path)
curve_bernoulli = curve(has_bernoulli, 'bernoulli', style_bernoulli)
curve_slope = curve(strlen(slope_text), 'guide', style_slope)
curve_identity = curve(has_identity, 'identity', style_identity)
plot distance_high with lines linetype nodraw @curve_paper @curve_path @curve_bernoulli @curve_slope @curve_flows @curve_identity

unset label; unset object
if (has_rates) {
    set lmargin at screen 0.715; set rmargin at screen 0.965
    set xtics 0, t_shown / 2.0
    set xlabel 't'
    unset logscale y
    set format y '%g'
    eval y_label('rate of decay')
    if (!is_text) { set ylabel offset -0.4, 0 }
    set yrange [rate_low : rate_high]
    if (rate_low < 0 && rate_high > 0) { set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead linewidth 1.5 linecolor rgb color_undecided back }
    if (strlen(far_text)) { set label 7 'bounds down to '.far_text at graph 0.97, graph 0 right offset 0, 0.7 noenhanced font small_font textcolor rgb color_bound }
    rate(k, style) = sprintf(", data index 'rates;' using 1:%d ", k).style
    bound_rate(is_there, k, style) = is_there ? sprintf(", data index 'bound rates;' using 1:%d ", k).style : ""
    rate_paper = bound_rate(has_paper, 4, style_paper)
    rate_path = bound_rate(has_path, 2, style_path)
    rate_bernoulli = bound_rate(has_bernoulli, 3, style_bernoulli)
    rate_lowest = rate(3, style_lowest)
    rate_slope = strlen(slope_text) ? ", slope ".style_slope : ""
    rate_flow = rate(2, "with lines linetype line_augmented linewidth 2.5 linecolor rgb color_augmented dashtype 1")
    # in braces a macro would be read before it is set
    eval 'plot rate_high with lines linetype nodraw'.rate_paper.rate_path.rate_bernoulli.rate_lowest.rate_slope.rate_flow
}
unset label; unset arrow

# the key of both panels
eval key_panel(0.17)
set key maxrows 3 samplen 2.5
key(is_there, style, title) = is_there ? ", NaN ".style." title '".title."'" : ""
key_flow = ", for [flow in flows_off_E] NaN ".style_flow." title flow"
key_identity = key(has_identity, style_identity, 'exact identity')
key_path = key(has_path, style_path, 'path bound')
key_bernoulli = key(has_bernoulli, style_bernoulli, 'Bernoulli bound')
key_paper = key(has_paper, style_paper, 'paper bound')
key_lowest = key(has_rates, style_lowest, 'γ + λ_{min}(H_N)')
key_slope = key(strlen(slope_text), style_slope, 'predicted rate '.slope_text)
plot NaN notitle @key_flow @key_identity @key_path @key_bernoulli @key_paper @key_lowest @key_slope
unset multiplot
set output

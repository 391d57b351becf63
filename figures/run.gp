# figures/run.gp -- one start: the risk, and the distance to E on a logarithmic axis with the bound
#
# The panels show t up to t_risk and t_distance, where their curves have settled, and say so where that is not all of it.

set label 1 title_text at screen 0.5, 0.945 center noenhanced font title_font
set label 2 subtitle_text.rate_text at screen 0.5, 0.875 center noenhanced font fit(1, subtitle_text.rate_text)
set multiplot
set key off

set lmargin at screen 0.095; set rmargin at screen 0.47
set bmargin at screen 0.26; set tmargin at screen 0.80
t_label(t) = t < t_end ? sprintf('t,  the first %s of %s', size_text(t), size_text(t_end)) : 't'
set xlabel t_label(t_risk) offset 0, 0.4
eval y_label('risk')
set xrange [0 : t_risk]
if (risk_low >= 0 && risk_low < 0.5 * risk_high) { set yrange [0 : *] }
plot risk_high with lines linetype nodraw, for [flow in flows] data index sprintf('risk %s;', flow) using 1:2 \
     with lines linetype line_of(flow) linewidth 2 linecolor rgb color_of(flow) dashtype dash_of(flow)

unset label
set lmargin at screen 0.59; set rmargin at screen 0.97
eval y_label('distance to E,  |Y|')
set logscale y
unset mytics
set format y power_format
set xrange [0 : t_distance]
set xlabel t_label(t_distance) offset 0, 0.4
set yrange [distance_low : distance_high]
if (rounding > distance_low) {
    if (!is_text) { set object 1 rectangle from graph 0, graph 0 to graph 1, first rounding behind fillcolor rgb '#f2f2f2' fillstyle solid noborder }
    set label 3 'rounding' at graph 0.99, first rounding right offset 0, 0.5 textcolor rgb color_bound
}
if (!distance_drawn) { set label 4 '|Y| = 0: nothing to draw' at graph 0.5, 0.5 center }
if (bound_leaves) {
    bound_text = 'the bound grows to '.(bound_end == bound_end ? power_text(bound_end) : 'infinity')
    if (bound_late) {
        set label 5 bound_text at graph 0.03, graph 0.95 left font small_font textcolor rgb color_bound
    } else {
        set label 5 bound_text at graph 0.98, graph 0.95 right font small_font textcolor rgb color_bound
    }
}
plot distance_high with lines linetype nodraw, \
     data index 'bound;' using 1:2 with lines linetype line_other linewidth 2 linecolor rgb color_bound dashtype 3, \
     for [flow in flows_off_E] data index sprintf('distance %s;', flow) using 1:2 \
     with lines linetype line_of(flow) linewidth 2 linecolor rgb color_of(flow) dashtype dash_of(flow)

# the key of both panels
eval key_panel(0.10)
set key maxrows 1 samplen 2
bound = has_bound ? ", NaN with lines linetype line_other linewidth 2 linecolor rgb color_bound dashtype 3 title 'Groenwall bound'" : ""
plot for [flow in flows] NaN with lines linetype line_of(flow) linewidth 2 linecolor rgb color_of(flow) dashtype dash_of(flow) title flow @bound
unset multiplot
set output

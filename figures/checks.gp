# figures/checks.gp -- one model: what was measured beside its bound on a logarithmic axis, and the control, which must lie beyond; below, what does not apply

# on a terminal rows are whole lines
px = 1.0 / figure_height
row = is_text ? 1.0 / (int(figure_height / 17) - 1) : row_height * px
rows = (n_rows > 3 ? n_rows : 3) + is_text
left = 0.305
top = 1 - (is_text ? 7 * row : 110 * px)
bottom = top - rows * row
absent_top = bottom - (is_text ? 4 * row : 80 * px)
pale(k) = k == 0 ? 0x99d8c7 : k == 1 ? 0xf2bf99 : 0xdddddd
shade(k) = k == 0 ? 0x009e73 : k == 1 ? 0xd55e00 : 0x444444
# on the axis: zeros and what lies beyond its ends stand at the ends
at(v) = v == v ? (v < low ? low : v > high ? high : v) : NaN

set label 1 title_text at screen 0.5, 1 - 32 * px center noenhanced font title_font
set label 2 subtitle_text at screen 0.5, 1 - 72 * px center noenhanced font subtitle_font
set multiplot
set key off
set lmargin at screen left; set rmargin at screen 0.975
set bmargin at screen bottom; set tmargin at screen top
set border 1
set logscale x
set format x power_format
set xrange [low : high]
set xtics first_tick, tick_step, high
unset mxtics
unset ytics
set yrange [rows + (is_text ? 0 : 0.5) : (is_text ? 0 : 0.5)]
set xlabel 'measured, bound and control' offset 0, (is_text ? 0 : 0.3)
do for [k = 1 : n_rows] { set label 100 + k value(sprintf('row_name_%d', k)) at screen 0.012, first k left noenhanced font small_font }
if (n_rows == 0) { set label 3 'no statement applies to this model' at graph 0.5, graph 0.5 center }
if (n_absent) {
    set label 4 'does not apply' at screen 0.012, screen absent_top - (is_text ? 0 : 0.5) * row left font small_font textcolor rgb color_bound
    do for [k = 1 : n_absent] {
        y = absent_top - (k + (is_text ? 0 : 0.5)) * row
        set label 200 + k value(sprintf('absent_name_%d', k)) at screen 0.012, screen y left noenhanced font small_font textcolor rgb color_bound
        note = value(sprintf('absent_note_%d', k))
        if (is_text) { note = note[1 : 74] }
        set label 300 + k note at screen left, screen y left noenhanced font small_font textcolor rgb color_bound
    }
}
style_0 = sprintf("with points pointtype %s pointsize points(1.7) linecolor rgb color_equivariant", is_text ? "'+'" : '5')
# svg draws all symbols with thin lines
style_1 = sprintf("with points pointtype %s pointsize points(%g) linewidth 2.5 linecolor rgb color_nominal", is_text ? "'x'" : '2', figure_format eq 'svg' ? 2.2 : 1.6)
style_2 = "with points pointtype '?' pointsize 1 linecolor rgb color_undecided"
style_3 = sprintf("with points pointtype %s pointsize points(1.5) linewidth 1.5 linecolor rgb color_bound", is_text ? "'o'" : '6')
style_measured = sprintf("with points pointtype %s pointsize points(1.2)", is_text ? "'*'" : '7')
bound = is_text ? "using (inside($4)):1 with points pointtype '|'" : "using (inside($4)):($1 - 0.38):(0):(0.76) with vectors nohead linewidth 2 linecolor rgb '#000000'"
style_control = sprintf("with points pointtype %s pointsize points(1.4) linecolor rgb color_unstable", is_text ? "'c'" : '9')
style_passed = sprintf("with points pointtype %s pointsize points(1.6) linewidth 2.5 linecolor rgb '#000000'", is_text ? "'C'" : '8')
style_predicted = sprintf("with points pointtype %s pointsize points(2.4) linewidth 1.2 linecolor rgb color_unstable", is_text ? "'p'" : '6')
# a bound beyond the axis: beside what was measured, which may be there, too
style_edge = "with vectors filled head size screen 0.01, 25 linewidth 2"
beside = is_text ? 0 : 0.29
style_arrow = "with vectors filled head size screen 0.012, 25 linewidth 1.5"
inside(v) = v >= low && v <= high ? v : NaN
reach = 10**(0.03 * log10(high / low))
below(v) = v < low ? low * reach : NaN
above(v) = v > high ? high / reach : NaN
less = low - low * reach
more = high - high / reach
set errorbars 0
plot data index 'checks;' using (at($2)):1:(at($4) - at($2)):(0):(pale($7)) with vectors nohead linewidth (is_text ? 1 : 8) linecolor rgb variable, \
     data index 'checks;' using (at($2)):1:(at($2 - $3)):(at($2 + $3)):(shade($7)) with xerrorbars pointtype 0 linewidth 1.5 linecolor rgb variable, \
     data index 'checks;' using (inside($6)):1 @style_predicted, \
     data index 'checks;' using ($8 == 1 ? inside($5) : NaN):1 @style_control, \
     data index 'checks;' using ($8 == 0 ? inside($5) : NaN):1 @style_passed, \
     data index 'checks;' @bound, \
     data index 'checks;' using (inside($2)):1:(shade($7)) @style_measured linecolor rgb variable, \
     data index 'checks;' using (below($4)):($1 - beside):(less):(0) @style_edge linecolor rgb '#000000', \
     data index 'checks;' using (above($4)):($1 - beside):(more):(0) @style_edge linecolor rgb '#000000', \
     data index 'checks;' using (below($2)):1:(less):(0):(shade($7)) @style_arrow linecolor rgb variable, \
     data index 'checks;' using (below($5)):1:(less):(0) @style_arrow linecolor rgb color_unstable, \
     data index 'checks;' using (above($2)):1:(more):(0):(shade($7)) @style_arrow linecolor rgb variable, \
     data index 'checks;' using (above($5)):1:(more):(0) @style_arrow linecolor rgb color_unstable

# the verdicts, beside the names
set border 0
unset xtics; unset xlabel; unset label; unset logscale; unset grid
set lmargin at screen left - 0.04; set rmargin at screen left
set xrange [0 : 1]
plot data index 'checks;' using ($7 == 0 ? 0.35 : NaN):1 @style_0, data index 'checks;' using ($7 == 1 ? 0.35 : NaN):1 @style_1, \
     data index 'checks;' using ($7 == 2 ? 0.35 : NaN):1 @style_2, data index 'checks;' using ($7 == 3 ? 0.35 : NaN):1 @style_3

eval key_panel(116 * px)
set key maxcols 3 samplen 1.5 font small_font
key_vacuous = n_vacuous ? ", NaN ".style_3." title sprintf('a pass would mean nothing: %d', n_vacuous)" : ""
key_control = n_controls ? ", NaN ".style_control." title 'control, which must fail'" : ""
key_passed = n_passed ? ", NaN ".style_passed." title sprintf('control not as predicted: %d', n_passed)" : ""
key_predicted = n_predictions ? ", NaN ".style_predicted." title 'its prediction'" : ""
key_beyond = n_below || n_above ? ", NaN with points pointtype '".(is_text ? '<' : '◂')."' linecolor rgb '#000000' title 'zero, or beyond the axis'" : ""
plot NaN @style_0 title sprintf('holds: %d', n_holds), NaN @style_1 title sprintf('violated: %d', n_violated), \
     NaN @style_2 title sprintf('undecided: %d', n_undecided) @key_vacuous, NaN @style_measured linecolor rgb '#000000' title 'measured', \
     NaN with points pointtype '|' linecolor rgb '#000000' title 'bound' @key_control @key_predicted @key_passed @key_beyond
unset multiplot
set output

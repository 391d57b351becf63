# figures/ensemble.gp -- orbit ensembles: how far the mean network is from being equivariant against time, one member alone, and the noise
#
# Exact zeros have no place on a logarithmic axis: they are drawn at its lower edge, and the picture says so.

px = 1.0 / figure_height
set label 1 title_text at screen 0.5, 1 - 32 * px center noenhanced font title_font
set label 2 subtitle_text at screen 0.5, 1 - 72 * px center noenhanced font subtitle_font
set multiplot
set key off
set lmargin at screen 0.105; set rmargin at screen 0.965
set bmargin at screen 170 * px; set tmargin at screen 1 - (is_text ? 136 : 104) * px
set xlabel 't' offset 0, (is_text ? 0 : 0.3)
eval y_label('equivariance error')
set xrange [0 : t_end]
set yrange [error_low : error_high]
set logscale y
unset mytics
set format y power_format
edge(v) = v == v && v < error_low ? error_low : v
look_mean = "linetype line_of(flow) linewidth 3 linecolor rgb color_of(flow) dashtype dash_of(flow)"
# thin and dark, in turn
set dashtype 11 (15, 25)
set dashtype 12 (0.01, 20, 15, 5)
dash_of_member(flow) = flow eq 'nominal' ? 11 : 12
color_of_member(flow) = flow eq 'nominal' ? '#7a3600' : '#003a5c'
look_member = "linetype (flow eq 'nominal' ? line_bernoulli : line_tube) linewidth 1.8 linecolor rgb color_of_member(flow) dashtype dash_of_member(flow)"
look_noise = "linetype line_paper linewidth 2 linecolor rgb color_bound dashtype 3"
# on top: where one member is as far off as the mean, both are seen
draw_member = is_text ? "every 4::(flow eq 'nominal' ? 0 : 2) using 1:(edge($3)) with points pointtype (flow eq 'nominal' ? '%' : '$')" : "using 1:(edge($3)) with lines @look_member"
set label 5 looked_text at graph 1, screen 112 * px right noenhanced font small_font textcolor rgb color_bound
band = '#e2e2e2'
draw_band = is_text ? "with lines linetype line_other" : "with filledcurves y1=error_low fillcolor rgb band fillstyle solid noborder"
if (n_drawn == 0) { set label 3 (n_zeros ? 'every error is exactly 0' : 'nothing is known') at graph 0.5, graph 0.6 center }
if (n_drawn > 0 && n_zeros > 0) { set label 4 'at the lower edge: exactly 0' at graph 0.99, graph 0 right offset 0, 0.7 font small_font textcolor rgb color_undecided front }
plot error_high with lines linetype nodraw, \
     for [flow in band_flow] data index sprintf('flow %s;', flow) using 1:(edge($4)) @draw_band, \
     for [flow in line_flow] data index sprintf('flow %s;', flow) using 1:(edge($4)) with lines @look_noise, \
     for [flow in flows] data index sprintf('flow %s;', flow) using 1:(edge($2)) with lines @look_mean, \
     for [flow in flows] data index sprintf('flow %s;', flow) @draw_member

eval key_panel(86 * px)
set key maxcols 3 width (is_text ? 2 : 3.5) samplen (is_text ? 2.5 : 2)
set style fill solid 1 noborder
key_band = is_text ? "NaN with lines linetype line_other title flow.' noise'" : "NaN with boxes fillcolor rgb band title flow.' noise'"
plot for [flow in flows] NaN with lines @look_mean title flow.' mean', \
     for [flow in flows] NaN with lines @look_member title flow.' member', \
     for [flow in line_flow] NaN with lines @look_noise title flow.' noise', \
     for [flow in band_flow] @key_band
unset multiplot
set output

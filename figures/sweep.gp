# figures/sweep.gp -- lists of gamma and seed: the distance to E, one panel a gamma, faint single runs and heavy medians
#
# All panels share both axes; more than six gammas go into several rows.

columns = n_gamma < 6 ? n_gamma : (n_gamma + rows - 1) / rows
left = 0.09; right = 0.975; gap = columns > 3 ? 0.018 : 0.035
panel_width = (right - left - (columns - 1) * gap) / columns
px = 1.0 / figure_height
row_height = (1 - 160 * px) / rows

set label 1 title_text at screen 0.5, 1 - 28 * px center noenhanced font title_font
set label 2 subtitle_text at screen 0.5, 1 - 64 * px center noenhanced
set multiplot
set key off
set xrange [0 : t_end]
set yrange [distance_low : distance_high]
set logscale y
unset mytics
if (rounding > distance_low) {
    set object 1 rectangle from graph 0, graph 0 to graph 1, first rounding behind fillcolor rgb '#f2f2f2' fillstyle solid noborder
}
do for [g = 0 : n_gamma - 1] {
    column = g % columns
    top = 1 - 100 * px - (g / columns) * row_height
    set lmargin at screen left + column * (panel_width + gap)
    set rmargin at screen left + column * (panel_width + gap) + panel_width
    set tmargin at screen top - 30 * px
    set bmargin at screen top - row_height + 66 * px
    if (!distance_drawn) { set label 4 '|Y| = 0' at graph 0.5, 0.5 center }
    set label 3 (n_gamma > 1 ? 'γ = '.word(gamma_texts, g + 1) : '') at graph 0.5, graph 1 center offset 0, 0.7 noenhanced
    if (column == 0) {
        set format y '10^{%T}'
        set ylabel 'distance to E,  |Y|' offset 0.5, 0
    } else {
        set format y ''
        unset ylabel
    }
    # in narrow panels only the last one of a row has room for the label at t_end
    if (columns > 3) { set xtics 0, t_end / 2.0, t_end * (column == columns - 1 ? 1.0 : 0.75) }
    set xlabel 't' offset 0, 0.4
    plot distance_high with lines linetype nodraw, \
         for [flow in flows_off_E] for [s = 0 : n_seed - 1] data index sprintf('single %s %d %d;', flow, g, s) using 1:2 \
         with lines linewidth 1 linecolor rgb pale_of(flow) dashtype 1, \
         for [flow in flows_off_E] data index sprintf('median %s %d;', flow, g) using 1:2 \
         with lines linewidth 2.5 linecolor rgb color_of(flow) dashtype dash_of(flow)
    unset label 1; unset label 2
}
eval key_panel(52 * px)
set key maxrows 1 samplen 2.5
set style fill solid 1 noborder
heavy = "for [flow in flows_off_E] NaN with lines linewidth 2.5 linecolor rgb color_of(flow) dashtype dash_of(flow) title flow"
pale = n_seed > 1 ? ", NaN with lines linewidth 1 linecolor rgb color_bound dashtype 1 title 'single seeds'" : ""
band = rounding > distance_low ? ", NaN with boxes fillcolor rgb '#dddddd' title 'rounding'" : ""
plot @heavy @pale @band
unset multiplot
set output

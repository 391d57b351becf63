# figures/sweep.gp -- the distance to E along one axis (flow time, or steps of another method), one panel a gamma: faint single runs, quartiles, heavy medians
#
# Blocks by the name of the flow: single FLOW G S, median FLOW G, band FLOW G.  What the axis is called and where it ends: x_text, x_end.  All panels share both axes.

px = 1.0 / figure_height
left = 0.10; right = 0.975; gap = columns > 3 ? 0.022 : 0.04
panel_width = (right - left - (columns - 1) * gap) / columns
row_height = (1 - 150 * px) / rows
in_axis(y) = y > distance_low ? y : distance_low

set label 1 title_text at screen 0.5, 1 - 28 * px center noenhanced font title_font
set label 2 subtitle_text.failed_text at screen 0.5, 1 - 64 * px center noenhanced font fit(1, subtitle_text.failed_text)
set multiplot
set key off
set xrange [0 : x_end]
set yrange [distance_low : distance_high]
set logscale y
unset mytics
if (rounding > distance_low && !is_text) {
    set object 1 rectangle from graph 0, graph 0 to graph 1, first rounding behind fillcolor rgb '#f2f2f2' fillstyle solid noborder
}
do for [g = 0 : n_panel - 1] {
    column = g % columns
    row_top = 1 - 100 * px - (g / columns) * row_height
    if (g == 0 && rounding > distance_low && !is_text) { set label 5 'rounding' at graph 0.03, first rounding left offset 0, 0.5 font small_font textcolor rgb color_bound } else { unset label 5 }
    set lmargin at screen left + column * (panel_width + gap)
    set rmargin at screen left + column * (panel_width + gap) + panel_width
    set tmargin at screen row_top - 32 * px
    set bmargin at screen row_top - row_height + 72 * px
    if (!distance_drawn) { set label 4 '|Y| = 0' at graph 0.5, 0.5 center }
    set label 3 (n_panel > 1 ? 'γ = '.word(panel_texts, g + 1) : '') at graph 0.5, graph 1 center offset 0, 0.7 noenhanced
    if (column == 0) {
        set format y power_format
        eval y_label('distance to E,  |Y|')
    } else {
        set format y ''
        unset ylabel
        unset label 900
    }
    # in narrow panels only the last one of a row has room for the label at the end of the axis
    if (columns > 3) { set xtics 0, x_end / 2.0, x_end * (column == columns - 1 || g == n_panel - 1 ? 1.0 : 0.75) }
    set xlabel x_text offset 0, 0.4
    band(g) = has_band && !is_text ? sprintf("for [flow in flows_off_E] data index sprintf('band %%s %d;', flow) using 1:(in_axis($2)):(in_axis($3)) with filledcurves fillcolor rgb color_of(flow) fillstyle transparent solid 0.22 noborder, ", g) : ''
    drawn = "plot distance_high with lines linetype nodraw, ".band(g). \
            "for [flow in flows_off_E] for [s = 0 : n_single - 1] data index sprintf('single %s %d %d;', flow, g, s) using 1:2 with lines linetype line_of(flow) linewidth (n_single > 10 ? 0.5 : 0.8) linecolor rgb pale_of(flow) dashtype 1, ". \
            "for [flow in flows_off_E] data index sprintf('median %s %d;', flow, g) using 1:2 with lines linetype line_of(flow) linewidth 2.5 linecolor rgb color_of(flow) dashtype dash_of(flow)"
    eval drawn
    unset label 1; unset label 2
}
eval key_panel(50 * px)
set key maxrows 1 samplen 2
set style fill solid 1 noborder
heavy = ", for [flow in flows_off_E] NaN with lines linetype line_of(flow) linewidth 2.5 linecolor rgb color_of(flow) dashtype dash_of(flow) title flow"
pale = n_single > 1 && !is_text ? ", NaN with lines linewidth 1 linecolor rgb color_bound dashtype 1 title single_text" : ""
quartiles = has_band && !is_text ? ", NaN with boxes fillcolor rgb color_bound fillstyle transparent solid 0.22 noborder title 'quartiles'" : ""
plot NaN notitle @heavy @pale @quartiles
unset multiplot
set output

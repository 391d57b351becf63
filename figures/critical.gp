# figures/critical.gp -- gamma* against the distance |Y_0| of the start, with the gammas that suffice by the theorem, and every run that was made
#
# The axis is v -> asinh(v / scale) where scale > 0, with the gammas themselves at its ticks.

px = 1.0 / figure_height
set label 1 title_text at screen 0.5, 1 - 32 * px center noenhanced font title_font
set label 2 subtitle_text at screen 0.5, 1 - 72 * px center noenhanced font subtitle_font
set multiplot
set key off
set lmargin at screen 0.095; set rmargin at screen 0.965
set bmargin at screen 206 * px; set tmargin at screen 1 - (is_text ? 136 : 128) * px
set xlabel 'distance of the start,  |Y_0|' offset 0, (is_text ? 0 : 0.3)
eval y_label('γ'.(is_text && scale > 0 ? ', '.scale_words : ''))
if (distance_logarithmic) {
    set logscale x
    if (is_text) { set format x power_format }
    if (strlen(distances)) {
        set xtics ()
        unset mxtics
        do for [d in distances] { set xtics add (tick_text(real(d)) real(d)) }
    }
    set xrange [distance_low / 1.25 : distance_high * 1.25]
} else {
    room = distance_high > distance_low ? 0.05 * (distance_high - distance_low) : 0.5 * distance_high
    set xrange [distance_low - room : distance_high + room]
}
pad = 0.05 * (scaled(high) - scaled(low))
set yrange [scaled(low) - pad : scaled(high) + pad]
if (scale > 0) {
    set ytics ()
    do for [tick in ticks] { set ytics add (tick_text(real(tick)) scaled(real(tick))) }
}

# gamma_c, gamma_gen, gamma_all: levels
level(i) = i == 1 ? gamma_equilibrium : i == 2 ? gamma_gen : gamma_all
level_shown(i) = level(i) >= 0 ? scaled(level(i)) : NaN
level_color(i) = i == 1 ? color_equivariant : '#000000'
level_dash(i) = i == 1 ? 4 : i == 2 ? 2 : 3
level_line(i) = i == 1 ? line_equivariant : i == 2 ? line_nominal : line_other
# behind an index a blank would be lost in SVG: no-break spaces
level_name(i) = word('γ_c γ_{gen} γ_{all}', i).' = '.(level(i) < 0 ? '−' : '').sprintf('%.4g', abs(level(i)))
lies_below = ''
do for [i = 1 : 3] { if (level(i) < 0) { lies_below = lies_below.(strlen(lies_below) ? ', ' : '').level_name(i) } }
axis_words = (is_text ? '' : scale_words).(strlen(lies_below) ? (strlen(scale_words) && !is_text ? ';  ' : '').'below the axis: '.lies_below : '')
if (is_text) {
    set label 4 axis_words at graph 1, graph 1 right
} else {
    set label 4 axis_words at graph 0, graph 1 left offset 0, 0.7 font fit(0.85, axis_words) textcolor rgb color_bound
}
# what marks what, in panel and key alike
look_start = "pointtype mark('o', 7) pointsize points(1.6) linetype line_augmented linewidth 1.5 linecolor rgb color_augmented dashtype 1"
look_tube = "linetype line_tube linewidth 4 linecolor rgb color_tube dashtype 5 pointtype mark('$', 5) pointsize points(1.6)"
look_bernoulli = "linetype line_bernoulli linewidth 2 linecolor rgb color_bernoulli dashtype 4 pointtype mark('%', 9) pointsize points(1.8)"
look_paper = "linetype line_paper linewidth 2 linecolor rgb color_paper dashtype 3 pointtype mark('@', 13) pointsize points(1.8)"
look_attracted = "pointtype mark('+', 7) pointsize points(0.9) linecolor rgb pale_of('augmented')"
look_escaped = "pointtype mark('-', 6) pointsize points(1.1) linewidth 1.2 linecolor rgb color_unstable"
look_away = "pointtype mark('/', 4) pointsize points(1) linewidth 1.2 linecolor rgb color_unstable"
look_undecided = "pointtype mark('?', 2) pointsize points(1.4) linewidth 1.5 linecolor rgb color_undecided"
look_broken = "pointtype mark('O', 6) pointsize points(3.2) linewidth 2 linecolor rgb '#000000'"
look_soft = "pointtype mark('Q', 4) pointsize points(3.2) linewidth 2 linecolor rgb '#000000'"
set errorbars 0.5

if (!anything) { set label 3 'nothing was decided' at graph 0.5, graph 0.6 center }
plot for [i = 1 : 3] level_shown(i) with lines linetype level_line(i) linewidth 2 linecolor rgb level_color(i) dashtype level_dash(i), \
     data index 'runs attracted;' using 1:(scaled($2)) with points @look_attracted, \
     data index 'runs escaped;' using 1:(scaled($2)) with points @look_escaped, \
     data index 'bounds;' using 1:(scaled($4)) with linespoints @look_paper, \
     data index 'bounds;' using 1:(scaled($3)) with linespoints @look_bernoulli, \
     data index 'bounds;' using 1:(scaled($2)) with linespoints @look_tube, \
     for [k = 0 : n_seeds - 1] data index sprintf('start %d;', k) using 1:(scaled($2)) \
     with lines linetype line_augmented linewidth (n_seeds > 1 ? 1 : 2) linecolor rgb (n_seeds > 1 ? pale_of('augmented') : color_augmented) dashtype 1, \
     for [k = 0 : n_seeds - 1] data index sprintf('start %d;', k) using 1:(scaled($2)):(scaled($3)):(scaled($4)) with yerrorbars @look_start, \
     for [k = 0 : n_seeds - 1] data index sprintf('start %d;', k) using ($5 == 0 ? $1 : NaN):(scaled($2)) with points @look_broken, \
     for [k = 0 : n_seeds - 1] data index sprintf('start %d;', k) using ($6 == 0 ? $1 : NaN):(scaled($2)) with points @look_soft, \
     data index 'runs away;' using 1:(scaled($2)) with points @look_away, \
     data index 'runs undecided;' using 1:(scaled($2)) with points @look_undecided

eval key_panel(116 * px)
set key maxcols 4 samplen (is_text ? 2.5 : 2)
key_start = n_decided ? ", NaN with points @look_start title 'γ* of the start'" : ""
key_tube = has_tube ? ", NaN with linespoints @look_tube title 'tube bound'" : ""
key_bernoulli = has_bernoulli ? ", NaN with linespoints @look_bernoulli title 'Bernoulli bound'" : ""
key_paper = has_paper ? ", NaN with linespoints @look_paper title 'paper bound'" : ""
key_levels = ", for [i = 1 : 3] NaN with lines linetype level_line(i) linewidth 2 linecolor rgb level_color(i) dashtype level_dash(i) title (level(i) >= 0 ? level_name(i) : '')"
key_broken = n_broken ? ", NaN with points @look_broken title 'several intervals'" : ""
key_soft = n_soft ? ", NaN with points @look_soft title 'lower end: away'" : ""
key_attracted = n_attracted ? ", NaN with points @look_attracted title 'attracted'" : ""
key_escaped = n_escaped ? ", NaN with points @look_escaped title 'escaped'" : ""
key_away = n_away ? ", NaN with points @look_away title 'away at the end'" : ""
key_undecided = n_undecided ? ", NaN with points @look_undecided title 'undecided'" : ""
eval 'plot NaN notitle'.key_start.key_tube.key_bernoulli.key_paper.key_levels.key_broken.key_soft.key_attracted.key_escaped.key_away.key_undecided
unset multiplot
set output

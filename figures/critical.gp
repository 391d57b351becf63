# figures/critical.gp -- gamma* against the distance |Y_0| of the start, with the gammas that suffice by the theorem, and every run that was made
#
# The axis is v -> asinh(v / scale) where scale > 0, with the gammas themselves at its ticks.


set label 1 title_text at screen 0.5, 0.945 center noenhanced font title_font
set label 2 subtitle_text at screen 0.5, 0.895 center noenhanced
set multiplot
set key off
set lmargin at screen 0.085; set rmargin at screen 0.965
set bmargin at screen 0.27; set tmargin at screen 0.85
set xlabel 'distance of the start,  |Y_0|' offset 0, 0.2
set ylabel 'γ' offset 0.5, 0
if (distance_logarithmic) {
    set logscale x
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
level(i) = i == 1 ? gamma_equilibrium : i == 2 ? gamma_gen : gamma_all
level_known(i) = level(i) == level(i)
level_color(i) = i == 1 ? color_equivariant : '#000000'
level_dash(i) = i == 1 ? 4 : i == 2 ? 2 : 3
level_name(i) = word('γ_c γ_{gen} γ_{all}', i).(level(i) < 0 ? ' = −' : ' = ').sprintf('%.4g', abs(level(i)))
do for [i = 1 : 3] {
    if (level(i) >= 0) {
        set arrow i from graph 0, first scaled(level(i)) to graph 1, first scaled(level(i)) nohead linewidth 2 linecolor rgb level_color(i) dashtype level_dash(i) back
    }
}
if (!anything) { set label 3 'nothing was decided' at graph 0.5, graph 0.6 center }
plot scaled(high) with lines linetype nodraw, \
     data index 'runs attracted;' using 1:(scaled($2)) with points pointtype 7 pointsize 0.5 linecolor rgb pale_of('augmented'), \
     data index 'runs escaped;' using 1:(scaled($2)) with points pointtype 6 pointsize 0.6 linewidth 1 linecolor rgb color_unstable, \
     data index 'bounds;' using 1:(scaled($4)) with linespoints linewidth 2 linecolor rgb color_paper dashtype 3 pointtype 13 pointsize 0.8, \
     data index 'bounds;' using 1:(scaled($3)) with linespoints linewidth 2 linecolor rgb color_bernoulli dashtype 4 pointtype 9 pointsize 0.8, \
     data index 'bounds;' using 1:(scaled($2)) with linespoints linewidth 4 linecolor rgb color_tube dashtype 1 pointtype 5 pointsize 0.8, \
     for [k = 0 : n_seeds - 1] data index sprintf('start %d;', k) using 1:(scaled($2)) \
     with lines linewidth (n_seeds > 1 ? 1 : 2) linecolor rgb (n_seeds > 1 ? pale_of('augmented') : color_augmented) dashtype 1, \
     for [k = 0 : n_seeds - 1] data index sprintf('start %d;', k) using 1:(scaled($2)):(scaled($3)):(scaled($4)) \
     with yerrorbars pointtype 7 pointsize 1 linewidth 1.5 linecolor rgb color_augmented, \
     for [k = 0 : n_seeds - 1] data index sprintf('start %d;', k) using ($5 == 0 ? $1 : NaN):(scaled($2)) \
     with points pointtype 6 pointsize 2.2 linewidth 2 linecolor rgb '#000000', \
     for [k = 0 : n_seeds - 1] data index sprintf('start %d;', k) using ($6 == 0 ? $1 : NaN):(scaled($2)) \
     with points pointtype 4 pointsize 2.2 linewidth 2 linecolor rgb '#000000', \
     data index 'runs away;' using 1:(scaled($2)) with points pointtype 4 pointsize 0.5 linewidth 1 linecolor rgb color_unstable, \
     data index 'runs undecided;' using 1:(scaled($2)) with points pointtype 2 pointsize 0.8 linewidth 1.5 linecolor rgb color_undecided

eval key_panel(0.19)
set key maxrows 3 samplen 2.5
key_tube = has_tube ? ", NaN with linespoints linewidth 4 linecolor rgb color_tube dashtype 1 pointtype 5 pointsize 0.8 title 'tube bound'" : ""
key_bernoulli = has_bernoulli ? ", NaN with linespoints linewidth 2 linecolor rgb color_bernoulli dashtype 4 pointtype 9 pointsize 0.8 title 'Bernoulli bound'" : ""
key_paper = has_paper ? ", NaN with linespoints linewidth 2 linecolor rgb color_paper dashtype 3 pointtype 13 pointsize 0.8 title 'paper bound'" : ""
key_broken = n_broken ? ", NaN with points pointtype 6 pointsize 2.2 linewidth 2 linecolor rgb '#000000' title 'several intervals'" : ""
key_attracted = n_attracted ? ", NaN with points pointtype 7 pointsize 0.5 linecolor rgb pale_of('augmented') title 'attracted'" : ""
key_escaped = n_escaped ? ", NaN with points pointtype 6 pointsize 0.6 linecolor rgb color_unstable title 'escaped'" : ""
key_away = n_away ? ", NaN with points pointtype 4 pointsize 0.5 linecolor rgb color_unstable title 'away at the end'" : ""
key_soft = n_soft ? ", NaN with points pointtype 4 pointsize 2.2 linewidth 2 linecolor rgb '#000000' title 'lower end: away'" : ""
key_undecided = n_undecided ? ", NaN with points pointtype 2 pointsize 0.8 linewidth 1.5 linecolor rgb color_undecided title 'undecided'" : ""
key_levels = ", for [i = 1 : 3] NaN with lines linewidth 2 linecolor rgb level_color(i) dashtype level_dash(i) title (level_known(i) ? level_name(i) : '')"
key_start = n_decided ? ", NaN with yerrorbars pointtype 7 pointsize 1 linewidth 1.5 linecolor rgb color_augmented title 'γ* of the start'" : ""
plot NaN notitle @key_start @key_tube @key_bernoulli @key_paper @key_levels @key_broken @key_soft @key_attracted @key_escaped @key_away @key_undecided
unset multiplot
set output

# figures/spectrum.gp -- the Hessian's eigenvalues in columns: E, N, the irreducibles; beside them rates of decay along the path in E
#
# The axis is v -> asinh(v / scale) where scale > 0, with the eigenvalues themselves at its ticks.

shade(k) = k == 1 ? 0x009e73 : 0x0072b2

right = has_path ? 0.595 : 0.965
bottom = 0.30
set label 1 title_text at screen 0.5, 0.945 center noenhanced font title_font
set label 2 subtitle_text at screen 0.5, 0.875 center noenhanced
set multiplot
set key off

set lmargin at screen 0.105; set rmargin at screen right
set bmargin at screen bottom; set tmargin at screen 0.81
pad = 0.06 * (scaled(high) - scaled(low))
set xrange [0.4 : (n_columns > 1 ? n_columns : 1) + 0.6]
set yrange [scaled(low) - pad : scaled(high) + pad]
set label 6 'eigenvalue of the Hessian' at screen 0.018, screen 0.555 center rotate
unset xtics
do for [k = 1 : n_columns] {
    name = value(sprintf('column_name_%d', k)).(k == critical_column ? ' *' : '')
    if (n_columns > 8) {
        set label 100 + k name at k, graph 0 right rotate by 35 offset 0, -0.6 noenhanced
    } else {
        set label 100 + k name at k, graph 0 center offset 0, -0.9 noenhanced
        set label 200 + k value(sprintf('column_size_%d', k)) at k, graph 0 center offset 0, -2.0 noenhanced textcolor rgb color_bound
    }
}
if (scale > 0) {
    set ytics ()
    do for [tick in ticks] { set ytics add (tick_text(real(tick)) scaled(real(tick))) }
}
set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead linewidth 2 linecolor rgb color_undecided back
if (n_columns > 2 && eigenvalues_drawn) { set arrow 2 from 2.5, graph 0 to 2.5, graph 1 nohead linewidth 1 linecolor rgb color_faint back }
if (gamma_line == 1) {
    set arrow 3 from 1.5, first scaled(-gamma) to graph 1, first scaled(-gamma) nohead linewidth 2 linecolor rgb '#000000' dashtype 3 back
}
if (gamma_line == 2) { set label 3 sprintf('−γ = −%g lies below the panel', gamma) at graph 0.99, graph 0 right offset 0, 0.7 noenhanced textcolor rgb color_bound }
if (left_out > 0) { set label 4 sprintf('left out: %d irreducibles with higher ones', left_out) at graph 0.99, graph 1 right offset 0, 0.5 textcolor rgb color_bound }
if (!eigenvalues_drawn) { set label 5 'no eigenvalue is known' at graph 0.5, graph 0.6 center }
visible = 0.01 * (scaled(high) - scaled(low))
plot scaled(high) with lines linetype nodraw, \
     data index 'eigenvalues;' using (scaled($2 + $3) - scaled($2 - $3) > visible ? $1 : NaN):(scaled($2)):(scaled($2 - $3)):(scaled($2 + $3)) with yerrorbars pointtype 0 linewidth 1 linecolor rgb color_bound, \
     data index 'eigenvalues;' using ($4 > 0 ? $1 - 0.3 : NaN):(scaled($2)):(0.6):(0):(shade($1)) with vectors nohead linewidth 1.5 linecolor rgb variable, \
     data index 'eigenvalues;' using ($4 < 0 ? $1 - 0.3 : NaN):(scaled($2)):(0.6):(0) with vectors nohead linewidth 2 linecolor rgb color_unstable, \
     data index 'eigenvalues;' using ($4 == 0 ? $1 : NaN):(scaled($2)) with points pointtype 6 pointsize 1.2 linewidth 1.5 linecolor rgb color_undecided

unset label; unset arrow
if (has_path) {
    set lmargin at screen 0.725; set rmargin at screen 0.965
    set bmargin at screen bottom
    set xtics nomirror; set ytics nomirror autofreq
    set label 6 'decay rate across E at γ = 0' at screen 0.63, screen 0.555 center rotate
    set xlabel 't' offset 0, 0.4
    set xrange [*:*]
    pad = 0.06 * (path_high - path_low)
    set yrange [path_low - pad : path_high + pad]
    if (t_logarithmic) { set logscale x; set format x '10^{%T}' }
    set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead linewidth 2 linecolor rgb color_undecided back
    if (gamma_line && -gamma >= path_low) { set arrow 3 from graph 0, first -gamma to graph 1, first -gamma nohead linewidth 2 linecolor rgb '#000000' dashtype 3 back }
    plot for [k = 1 : n_exponents] data index 'path;' using ($1 > 0 || !t_logarithmic ? $1 : NaN):(column(2 + k)) \
         with lines linewidth (k == 1 ? 2 : 1) linecolor rgb (k == 1 ? color_augmented : pale_of('augmented')) dashtype 1, \
         data index 'path;' using ($1 > 0 || !t_logarithmic ? $1 : NaN):2 with lines linewidth 2 linecolor rgb '#000000' dashtype 2
}
unset label; unset arrow

# the key of both panels
eval key_panel(0.15)
set key maxrows 2 samplen 1.5
rates = has_path ? ", NaN with lines linewidth 2 linecolor rgb '#000000' dashtype 2 title 'now: λ_{min}(H_N)'" : ""
means = has_path && n_exponents ? ", NaN with lines linewidth 2 linecolor rgb color_augmented title 'mean: −exponents'" : ""
repels = gamma_line == 1 ? ", NaN with lines linewidth 2 linecolor rgb '#000000' dashtype 3 title '−γ: E repels below'" : ""
negative = n_negative ? ", NaN with lines linewidth 2 linecolor rgb color_unstable title 'negative'" : ""
undecided = n_undecided ? ", NaN with points pointtype 6 pointsize 1.2 linewidth 1.5 linecolor rgb color_undecided title 'sign undecided'" : ""
plot NaN with lines linewidth 2 linecolor rgb color_equivariant title 'on E', \
     NaN with lines linewidth 2 linecolor rgb color_augmented title 'on N' @negative @undecided @repels @rates @means
unset multiplot
set output

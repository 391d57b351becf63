# figures/spectrum.gp -- the Hessian's eigenvalues in columns: E, N, the irreducibles; beside them rates of decay along the path in E
#
# The axis is v -> asinh(v / scale) where scale > 0, with the eigenvalues themselves at its ticks.

line_negative = line_nominal
line_gamma = line_paper
line_now = line_bernoulli

px = 1.0 / figure_height
right = has_path ? 0.59 : 0.965
bottom = 196 * px
top = 1 - (scale > 0 && !is_text ? 128 : 104) * px
middle = 0.5 * (top + bottom)
set label 1 title_text at screen 0.5, 1 - 32 * px center noenhanced font title_font
line_2 = subtitle_text.(left_out > 0 ? sprintf('; %d irreducibles with higher ones left out', left_out) : '')
set label 2 line_2 at screen 0.5, 1 - 72 * px center noenhanced font fit(1, line_2)
set multiplot
set key off

set lmargin at screen 0.115; set rmargin at screen right
set bmargin at screen bottom; set tmargin at screen top - (is_text ? 34 * px : 0)
pad = 0.06 * (scaled(high) - scaled(low))
set xrange [0.4 : (n_columns > 1 ? n_columns : 1) + 0.6]
set yrange [scaled(low) - pad : scaled(high) + pad]
if (is_text) { eval y_label('eigenvalue of the Hessian'.(scale > 0 ? (has_path ? ' (asinh axis)' : ', '.scale_words) : '')) } else { set label 6 'eigenvalue of the Hessian' at screen 0.018, screen middle center rotate }
unset xtics
name(k) = value(sprintf('column_name_%d', k)).(k == critical_column ? ' *' : '')
longest = 0
do for [k = 1 : n_columns] { longest = strlen(name(k)) > longest ? strlen(name(k)) : longest }
crowded = (longest + 1) * n_columns * 12 > (right - 0.115) * figure_width
do for [k = 1 : n_columns] {
    if (crowded && is_text) { set label 100 + k name(k)[1 : 12] at k, graph 0 center offset 0, -1 - k % 3 noenhanced }
    if (crowded && !is_text) { set label 100 + k name(k) at k, graph 0 right rotate by 35 offset 0, -0.6 noenhanced font small_font }
    if (!crowded) {
        set label 100 + k name(k) at k, graph 0 center offset 0, (is_text ? -1 : -0.9) noenhanced
        set label 200 + k value(sprintf('column_size_%d', k)) at k, graph 0 center offset 0, -2 noenhanced textcolor rgb color_bound
    }
}
if (scale > 0) {
    if (!is_text) { set label 7 scale_words at graph 0, graph 1 left offset 0, 0.7 font small_font textcolor rgb color_bound }
    set ytics ()
    do for [tick in ticks] { set ytics add (tick_text(real(tick)) scaled(real(tick))) }
}
set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead linetype line_axis linewidth 2 linecolor rgb color_undecided dashtype 1 back
if (n_columns > 2 && eigenvalues_drawn && !is_text) { set arrow 2 from 2.5, graph 0 to 2.5, graph 1 nohead linewidth 1 linecolor rgb color_faint back }
if (gamma_line == 2) { set label 3 sprintf('−γ = −%g lies below the panel', gamma) at graph 0.99, first 0 right offset 0, 0.8 noenhanced textcolor rgb color_bound }
if (!eigenvalues_drawn) { set label 5 'no eigenvalue is known' at graph 0.5, graph 0.6 center }
visible = 0.01 * (scaled(high) - scaled(low))
decided(sign, on_E) = sprintf("data index 'eigenvalues;' using ($4 %s && %s ? $1 : NaN):(scaled($2)):($1 - 0.3):($1 + 0.3) with xerrorbars", sign, on_E ? '$1 == 1' : '$1 > 1')
positive_E = decided('> 0', 1)
positive_N = decided('> 0', 0)
negative_E = decided('< 0', 1)
negative_N = decided('< 0', 0)
set errorbars 0
plot '+' using (gamma_line == 1 && $1 > 1.5 ? $1 : NaN):(scaled(-gamma)) with lines linetype line_gamma linewidth 2 linecolor rgb '#000000' dashtype 3, \
     data index 'eigenvalues;' using (scaled($2 + $3) - scaled($2 - $3) > visible ? $1 : NaN):(scaled($2)):(scaled($2 - $3)):(scaled($2 + $3)) with yerrorbars pointtype 0 linewidth 1 linecolor rgb color_bound dashtype 1, \
     @positive_E pointtype mark('=', -1) linetype line_equivariant linewidth 2 linecolor rgb color_equivariant dashtype 1, \
     @positive_N pointtype mark('*', -1) linetype line_augmented linewidth 2 linecolor rgb color_augmented dashtype 1, \
     @negative_E pointtype mark('#', -1) linetype line_negative linewidth 2 linecolor rgb color_unstable dashtype 3, \
     @negative_N pointtype mark('#', -1) linetype line_negative linewidth 2 linecolor rgb color_unstable dashtype 3, \
     data index 'eigenvalues;' using ($4 == 0 ? $1 : NaN):(scaled($2)) with points pointtype mark('o', 6) pointsize points(1.8) linewidth 1.5 linecolor rgb color_undecided

unset label; unset arrow
if (has_path) {
    set lmargin at screen 0.735; set rmargin at screen 0.965
    set bmargin at screen bottom
    set xtics nomirror; set ytics nomirror autofreq
    if (is_text) { eval y_label('decay rate across E at γ = 0') } else { set label 6 'decay rate across E at γ = 0' at screen 0.628, screen middle center rotate }
    set xlabel 't' offset 0, (is_text ? 0 : 0.4)
    set xrange [*:*]
    pad = 0.06 * (path_high - path_low)
    set yrange [path_low - pad : path_high + pad]
    if (t_logarithmic) { set logscale x; set format x power_format } else { set xtics t_step }
    set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead linetype line_axis linewidth 2 linecolor rgb color_undecided dashtype 1 back
    plot (gamma_line && -gamma >= path_low ? -gamma : NaN) with lines linetype line_gamma linewidth 2 linecolor rgb '#000000' dashtype 3, \
         for [k = 1 : n_exponents] data index 'path;' using ($1 > 0 || !t_logarithmic ? $1 : NaN):(column(2 + k)) \
         with lines linetype line_augmented linewidth (k == 1 ? 2.5 : 1.5) linecolor rgb (k == 1 ? color_augmented : pale_of('augmented')) dashtype 1, \
         data index 'path;' using ($1 > 0 || !t_logarithmic ? $1 : NaN):2 with lines linetype line_now linewidth 2 linecolor rgb '#000000' dashtype 2
}
unset label; unset arrow

# the key of both panels
eval key_panel(104 * px)
set key maxcols 3 samplen 1.5
rates = has_path ? ", NaN with lines linetype line_now linewidth 2 linecolor rgb '#000000' dashtype 2 title 'λ_{min}(H_N) at t'" : ""
means = has_path && n_exponents ? ", NaN with lines linetype line_augmented linewidth 2.5 linecolor rgb color_augmented dashtype 1 title '−exponent, mean up to t'" : ""
further = has_path && n_exponents > 1 ? ", NaN with lines linetype line_augmented linewidth 1.5 linecolor rgb pale_of('augmented') dashtype 1 title 'further exponents'" : ""
repels = gamma_line == 1 ? ", NaN with lines linetype line_gamma linewidth 2 linecolor rgb '#000000' dashtype 3 title '−γ: E repels below'" : ""
negative = n_negative ? ", NaN with lines linetype line_negative linewidth 2 linecolor rgb color_unstable dashtype 3 title 'negative'" : ""
undecided = n_undecided ? ", NaN with points pointtype mark('o', 6) pointsize points(1.8) linewidth 1.5 linecolor rgb color_undecided title 'sign undecided'" : ""
on_E = n_on_E ? ", NaN with lines linetype line_equivariant linewidth 2 linecolor rgb color_equivariant dashtype 1 title 'on E'" : ""
on_N = n_on_N ? ", NaN with lines linetype line_augmented linewidth 2 linecolor rgb color_augmented dashtype 1 title 'on N'" : ""
plot NaN notitle @on_E @on_N @negative @undecided @repels @rates @means @further
unset multiplot
set output

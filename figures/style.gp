# figures/style.gp -- size, fonts, colours, dashes, axes: the same meaning looks the same in every figure
#
# Needs figure_format (png, svg, pdf; dumb: characters on a terminal), figure_file, and figure_width, figure_height in pixels (defaults
# below).  Colours: Okabe and Ito's, told apart by dashes or symbols as well; white background.

if (GPVAL_VERSION < 5.2) { exit error sprintf('expected gnuplot 5.2 or later, found %.1f', GPVAL_VERSION) }
if (!exists('figure_width')) figure_width = 1200
if (!exists('figure_height')) figure_height = 520
set encoding utf8
set minussign
title_font = ',16'
is_text = figure_format eq 'dumb'
if (figure_format eq 'svg') {
    title_font = ',24'
    set terminal svg size figure_width, figure_height font 'DejaVu Sans,18' linewidth 1.6 dashlength 0.6 background 'white'
}
if (figure_format eq 'pdf') {
    title_font = ',12'
    set terminal pdfcairo size figure_width / 133.0, figure_height / 133.0 font 'DejaVu Sans,10' fontscale 0.78 linewidth 1.4 dashlength 1.6
}
if (figure_format eq 'png') {
    set terminal pngcairo size figure_width, figure_height font 'DejaVu Sans' fontscale 1.25 linewidth 1.6 dashlength 0.8 background 'white'
}
if (is_text) {
    set terminal dumb size figure_width / 11, figure_height / 16
}
set output figure_file

# the flows; E itself is green, as the flow on it
color_nominal = '#d55e00'
color_augmented = '#0072b2'
color_equivariant = '#009e73'
color_of(flow) = flow eq 'nominal' ? color_nominal : flow eq 'augmented' ? color_augmented : color_equivariant
pale_of(flow) = flow eq 'nominal' ? '#f2bf99' : flow eq 'augmented' ? '#99c7e0' : '#99d8c7'
dash_of(flow) = flow eq 'nominal' ? 2 : flow eq 'augmented' ? 1 : 4
# what is lost, negative or unstable; what is undecided
color_unstable = '#cc79a7'
color_undecided = '#444444'
# the bounds of the theorem, tightest first
color_tube = '#e69f00'
color_bernoulli = '#56b4e9'
color_paper = '#777777'
# words and lines that stand behind
color_bound = '#777777'
color_faint = '#bbbbbb'
set dashtype 2 (12, 6)
set dashtype 3 (4, 4)
set dashtype 4 (12, 5, 2, 5)

set border 3 linecolor '#444444'
set tics nomirror scale 0.6
set format x '%g'
if (!is_text) { set grid back linetype 1 linewidth 0.5 linecolor '#e4e4e4' }

# an axis by v -> asinh(v / scale) where scale > 0: linear up to scale, logarithmic beyond, its ticks the values themselves
scaled(v) = scale > 0 ? asinh(v / scale) : v
power(v) = floor(log10(abs(v)) + 1e-9)
digits(v) = sprintf('%g', abs(v) / 10.0**power(v))
size_text(v) = abs(v) >= 0.001 && abs(v) < 1e6 ? sprintf('%g', abs(v)) : (digits(v) eq '1' ? '' : digits(v).'×').'10^{'.gprintf('%g', power(v)).'}'
tick_text(v) = v == 0 ? '0' : (v < 0 ? '−' : '').size_text(v)

# the key as a panel of its own, from the lower edge to `top` of the screen:  eval key_panel(top)
key_panel(top) = sprintf('unset object; unset label; unset arrow; unset border; unset tics; unset xlabel; unset ylabel; unset logscale; unset grid; unset colorbox; set lmargin at screen 0.02; set rmargin at screen 0.98; set bmargin at screen 0.01; set tmargin at screen %g; set xrange [0 : 1]; set yrange [0 : 1]; set key at screen 0.5, %g center center horizontal Left reverse', top, 0.5 * top)

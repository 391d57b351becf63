# figures/style.gp -- size, fonts, colours, dashes, axes: the same meaning looks the same in every figure
#
# Needs figure_format (png, svg, pdf; dumb: characters on a terminal), figure_file, and figure_width, figure_height in pixels (defaults
# below).  Letters are 22.5 pixels high: of 1200 pixels in print at 170 mm those are 9 pt (indices 7 pt), in a page at 880 pixels those
# of its text.  Colours: Okabe and Ito's, told apart by dashes or symbols as well; white background.

if (!exists('figure_width')) figure_width = 1200
if (!exists('figure_height')) figure_height = 520
if (!exists('title_text')) title_text = ''
if (!exists('subtitle_text')) subtitle_text = ''
set encoding utf8
set minussign
is_text = figure_format eq 'dumb'
letter = 12
point_unit = 1.0
if (figure_format eq 'svg') {
    letter = 17.3       # times 1.3 are 22.5; lines and columns of text then stand as far apart as in the other formats
    point_unit = 0.48
    set terminal svg size figure_width, figure_height font 'DejaVu Sans,Verdana,sans-serif,17.3' fontscale 1.3 linewidth 1.6 dashlength 0.6 background 'white'
}
if (figure_format eq 'pdf') {
    letter = 10
    point_unit = 0.55
    set terminal pdfcairo size figure_width / 133.0, figure_height / 133.0 font 'DejaVu Sans,10' fontscale 0.91 linewidth 1.62 dashlength 1.3
}
if (figure_format eq 'png') {
    set terminal pngcairo size figure_width, figure_height font 'DejaVu Sans,12' fontscale 1.4 linewidth 1.6 dashlength 0.8 background 'white'
}
if (is_text) {
    set terminal dumb size figure_width / 11, figure_height / 17 enhanced
}
set output figure_file

# a font for one line of text, in letters; smaller where the line would be wider than the picture.  An index shows where its text is enhanced.
columns_of(text) = 0.53 * 22.5 * strlen(text)
shrunk(letters, text) = letters * columns_of(text) > 0.96 * figure_width ? 0.96 * figure_width / columns_of(text) : letters
fit(letters, text) = sprintf(',%.1f', letter * shrunk(letters, text))
title_font = fit(1.16, title_text)
subtitle_font = fit(1, subtitle_text)
small_font = sprintf(',%.1f', 0.85 * letter)
# pointsize points(1): the same in every format
points(size) = size * point_unit

# the flows; E itself is green, as the flow on it
color_nominal = '#d55e00'
color_augmented = '#0072b2'
color_equivariant = '#009e73'
color_of(flow) = flow eq 'nominal' ? color_nominal : flow eq 'augmented' ? color_augmented : color_equivariant
pale_of(flow) = flow eq 'nominal' ? '#f2bf99' : flow eq 'augmented' ? '#99c7e0' : '#99d8c7'
dash_of(flow) = flow eq 'nominal' ? 2 : flow eq 'augmented' ? 1 : 4
# verdicts have glyphs of their own, in the green of E (holds) and the vermilion of the nominal flow (violated)
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
set dashtype 5 (20, 5)

# characters: `linetype K` chooses the one that draws a line, in panel and key alike; in the other formats colour and dash that follow it win.
# Arrows and vectors are - and | whatever they are told.  pointtype mark('o', 6): a character where there are only those.
mark(character, type) = is_text ? character : type
line_augmented = 1              # *
line_nominal = 2                # #
line_equivariant = 7            # =
line_of(flow) = flow eq 'nominal' ? line_nominal : flow eq 'augmented' ? line_augmented : line_equivariant
line_tube = 3                   # $
line_bernoulli = 4              # %
line_paper = 5                  # @
line_other = 6                  # &
line_axis = is_text ? 0 : 1     # .

set border 3 linecolor '#444444'
set tics nomirror scale 0.6
# a browser shows the title of a curve in SVG when the mouse is on it: only those that were given
set key noautotitles
set format x '%g'
if (!is_text) { set grid back linetype 1 linewidth 0.5 linecolor '#e4e4e4' }

# an axis by v -> asinh(v / scale) where scale > 0: linear up to scale, logarithmic beyond, its ticks the values themselves
scaled(v) = scale > 0 ? asinh(v / scale) : v
power(v) = floor(log10(abs(v)) + 1e-9)
digits(v) = sprintf('%g', abs(v) / 10.0**power(v))
power_text(v) = is_text ? digits(v).'e'.gprintf('%g', power(v)) : (digits(v) eq '1' ? '' : digits(v).'×').'10^{'.gprintf('%g', power(v)).'}'
size_text(v) = abs(v) >= 0.001 && abs(v) < 1e6 ? sprintf('%g', abs(v)) : power_text(v)
tick_text(v) = v == 0 ? '0' : (v < 0 ? '−' : '').size_text(v)
scale_words = exists('scale') && scale > 0 ? 'linear within ±'.size_text(scale).', logarithmic beyond (asinh)' : ''
# set format y power_format: the powers of ten of a logarithmic axis
power_format = is_text ? '1e%T' : '10^{%T}'

# eval y_label('quantity'): what the vertical axis shows; on a terminal, where letters do not turn, above the panel
y_label(text) = is_text ? sprintf("unset ylabel; set label 900 '%s' at graph 0, graph 1 left offset -4, 1", text) : sprintf("set ylabel '%s' offset 0.5, 0", text)

# the key as a panel of its own, from the lower edge to `top` of the screen:  eval key_panel(top)
key_panel(top) = sprintf('unset object; unset label; unset arrow; unset border; unset tics; unset xlabel; unset ylabel; unset logscale; unset grid; unset colorbox; set lmargin at screen 0.02; set rmargin at screen 0.98; set bmargin at screen 0.01; set tmargin at screen %g; set xrange [0 : 1]; set yrange [0 : 1]; set key at screen 0.5, %g center center horizontal %s', top, 0.5 * top, is_text ? 'Right noreverse width 2' : 'Left reverse')

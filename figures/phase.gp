# figures/phase.gp -- phase planes, one panel a gamma: streamlines over the speed, nullclines, E with its tube, separatrices, stationary points, paths
#
# Stationary points are what their eigenvalues say: filled a sink, open a source, half filled a saddle, a square where the eigenvalues do not decide.
# The field at gamma is that of the grid less gamma times the coordinates across E.  Places on the screen are pixels from its upper left corner.

color_streamline = '#666666'
color_nullcline = '#7a4b00'
color_tick = '#93a9c2'
set palette defined (0 '#ffffff', 1 '#bccbde')
unset colorbox
set cbrange [-3 : 0]

# the layout as large as fits into the picture, in its middle
layout_scale = figure_width * layout_height < figure_height * layout_width ? figure_width / real(layout_width) : figure_height / real(layout_height)
screen_x(x) = 0.5 + layout_scale * (x - 0.5 * layout_width) / figure_width
screen_y(y) = 0.5 - layout_scale * (y - 0.5 * layout_height) / figure_height
if (!is_text && (figure_width != layout_width || figure_height != layout_height)) {
    eval sprintf('set termoption fontscale %g', layout_scale * (figure_format eq 'svg' ? 1.3 : figure_format eq 'pdf' ? 0.91 : 1.4))
    point_unit = point_unit * layout_scale
}
has(name) = value(sprintf('has_%s_%d', name, k))
# speeds are relative to the fastest of all panels
shade(speed) = speed > 1e-3 && !still ? log10(speed) : speed >= 0 ? -3 : NaN
unit = fastest > 0 ? fastest : 1.0
field_a(a, b, fa) = fa - gamma * (penalty_aa * a + penalty_ab * b)
field_b(a, b, fb) = fb - gamma * (penalty_ba * a + penalty_bb * b)
speed(a, b, fa, fb) = sqrt((field_a(a, b, fa) / unit)**2 + (field_b(a, b, fb) / unit)**2)
span_a = a_high - a_low
span_b = b_high - b_low
# a tick of the direction field is as long as half its cell; where the field is rounding there is none
step = grid > 20 ? (grid - 1) / 18 : 1
largest(x, y) = abs(x) > abs(y) ? abs(x) : abs(y)
moves(a, b, fa, fb) = largest(field_a(a, b, fa), field_b(a, b, fb)) >= (still ? 1e300 : slightest) ? 1 : NaN
steep(x, y) = sqrt((x / span_a)**2 + (y / span_b)**2) * 2 * (grid - 1.0) / step
share(a, b, fa, fb) = moves(a, b, fa, fb) / largest(field_a(a, b, fa), field_b(a, b, fb))
part_a(a, b, fa, fb) = field_a(a, b, fa) * share(a, b, fa, fb)
part_b(a, b, fa, fb) = field_b(a, b, fb) * share(a, b, fa, fb)
along_a(a, b, fa, fb) = part_a(a, b, fa, fb) / steep(part_a(a, b, fa, fb), part_b(a, b, fa, fb))
along_b(a, b, fa, fb) = part_b(a, b, fa, fb) / steep(part_a(a, b, fa, fb), part_b(a, b, fa, fb))
# glyphs are discs of one size in pixels
radius = 9 * span_a / side

set label 1 title_text at screen 0.5, screen screen_y(28) center noenhanced font title_font
do for [i = 1 : n_subtitle] { set label 1 + i value(sprintf('subtitle_%d', i)) at screen 0.5, screen screen_y(34 + 30 * i) center noenhanced }
set label 20 label_a at screen screen_x(0.5 * (left + right_edge)), screen screen_y(label_y) center @markup_a
# its line is as long as the panels are high, and a little
room_b = row_height * rows + 60
side_font = sprintf(',%.1f', letter * (columns_of(label_b) > room_b ? room_b / columns_of(label_b) : 1))
if (is_text) {
    set label 21 label_b at screen screen_x(12), screen screen_y(top + 8) left @markup_b
} else {
    set label 21 label_b at screen screen_x(label_b_x), screen screen_y(top + 0.5 * (label_y - top)) center rotate @markup_b font side_font
}
do for [i = 1 : n_note] {
    set label 21 + i value(sprintf('note_%d', i)) at screen 0.5, screen screen_y(note_y + 30 * (i - 1)) center noenhanced textcolor rgb color_bound
}
# what a key's entry looks like: characters on a terminal, lines, heads of arrows
key_names = 'E path separatrix start sink source saddle undecided'
key_letters = (E eq 'line' ? '===' : 'E').' '.(flow eq 'nominal' ? '###' : '***').' &&& A S R X ?'
key_x(i) = value(sprintf('key_x_%d', i))
key_y(i) = value(sprintf('key_y_%d', i))
key_place(name) = int(sum [n = 1 : words(key_names)] word(key_names, n) eq name ? n : 0)
key_letter(name) = key_place(name) ? word(key_letters, key_place(name)) : ''
line_color(name) = name eq 'path' ? color_of(flow) : name eq 'separatrix' ? color_unstable : name eq 'streamline' ? color_streamline : \
    name[1 : 4] eq 'null' ? color_nullcline : color_equivariant
path_width = many_paths ? 2 : 2.8
line_width(name) = name eq 'E' ? 5 : name eq 'path' ? path_width : name eq 'separatrix' ? 1.7 : name eq 'streamline' ? 0.8 : name eq 'tube' ? 1 : 1.3
line_dash(name) = name eq 'nullcline_a' ? 2 : name eq 'nullcline_b' || name eq 'tube' ? 3 : 1
key_line(name) = name eq 'E' ? E eq 'line' : name eq 'path' || name eq 'separatrix' || name eq 'streamline' || name[1 : 4] eq 'null'
line(name) = sprintf("linewidth %g linecolor rgb '%s' dashtype %d", line_width(name), line_color(name), line_dash(name))
line_E = line('E'); line_tube = line('tube'); line_path = line('path'); line_separatrix = line('separatrix'); line_streamline = line('streamline')
line_nullcline_a = line('nullcline_a'); line_nullcline_b = line('nullcline_b')
line_along = sprintf("linewidth 1.7 linecolor rgb '%s' dashtype 3", color_unstable)
head(size) = sprintf('head filled size screen %g,22,70 fixed', layout_scale * size / real(figure_width))
streamline_head = head(8)
separatrix_head = head(12)
path_head = head(many_paths ? 13 : 17)
band = 'fillstyle transparent solid 0.12'
block(name) = sprintf('%s %d;', name, k)
set multiplot
set key off
set border 15
unset grid
set clip two
set style circle noclip
# "-1.5e-9" as it is set
power_of(w, e) = (w[1 : e - 1] eq '1' ? '' : w[1 : e - 1].'×').'10^{'.w[e + 1 : *].'}'
unsigned_word(w) = !is_text && strstrt(w, 'e') ? power_of(w, strstrt(w, 'e')) : w
tick_word(w) = w[1 : 1] eq '-' ? '−'.unsigned_word(w[2 : *]) : unsigned_word(w)
set xtics ()
set ytics ()
do for [i = 1 : n_tick_a] { set xtics add (tick_word(value(sprintf('tick_a_label_%d', i))) value(sprintf('tick_a_%d', i))) }

do for [k = 0 : n_panels - 1] {
    gamma = value(sprintf('gamma_%d', k))
    x = left + (k % columns) * (side + gap)
    y = top + (k / columns) * row_height + panel_title
    set lmargin at screen screen_x(x); set rmargin at screen screen_x(x + side)
    set tmargin at screen screen_y(y); set bmargin at screen screen_y(y + side)
    set label 100 value(sprintf('panel_title_%d', k)) at graph 0.5, graph 1 center offset 0, (is_text ? 1 : 0.8) noenhanced
    set ytics ()
    do for [i = 1 : n_tick_b] { set ytics add ((k % columns > 0 ? '' : tick_word(value(sprintf('tick_b_label_%d', i)))) value(sprintf('tick_b_%d', i))) }
    still = value(sprintf('is_still_%d', k))
    if (still) { set label 101 "the field is zero\nwithin rounding" at graph 0.5, graph 0.25 center front textcolor rgb color_bound }
    set xrange [a_low : a_high]; set yrange [b_low : b_high]
    if (is_text) {
        plot b_low with lines linetype nodraw, \
             for [i = 1 : has('separatrix')] data index block('separatrix') using 1:2 with lines linetype line_other, \
             for [i = 1 : E eq 'line'] 0 with lines linetype line_equivariant, \
             for [i = 1 : E eq 'point'] data index 'E;' using 1:2:('E') with labels, \
             for [i = 1 : has('path')] data index block('path') using 1:2 with lines linetype line_of(flow), \
             for [i = 1 : has('path')] data index block('start') using 1:2:('A') with labels, \
             for [i = 1 : has('points')] data index block('points') using 1:2:(word('S R X ?', int($3) + 1)) with labels
    } else {
        set style fill noborder
        plot data index 'grid;' using 1:2:(shade(speed($1, $2, $4, $5))) with image, \
             data index 'grid;' every step:step:step/2:step/2 \
                 using ($1 - 0.5 * along_a($1, $2, $4, $5)):($2 - 0.5 * along_b($1, $2, $4, $5)):(along_a($1, $2, $4, $5)):(along_b($1, $2, $4, $5)) \
             with vectors nohead linewidth 0.7 linecolor rgb color_tick, \
             for [i = 1 : tube > 0] data index 'tube;' using 1:2 \
                 with filledcurves closed fillcolor rgb color_equivariant @band noborder, \
             for [i = 1 : tube > 0] data index 'tube;' using 1:2 with lines @line_tube, \
             for [i = 1 : has('streamline')] data index block('streamline') using 1:2 with lines @line_streamline, \
             for [i = 1 : has('streamline')] data index block('streamline heads') using 1:2:3:4 \
                 with vectors @streamline_head linewidth 0.8 linecolor rgb color_streamline, \
             for [i = 1 : has('nullcline_a')] data index block('nullcline a') using 1:2 with lines @line_nullcline_a, \
             for [i = 1 : has('nullcline_b')] data index block('nullcline b') using 1:2 with lines @line_nullcline_b, \
             for [i = 1 : E eq 'point'] data index 'E;' using 1:2:(1.8 * radius) \
                 with circles fillcolor rgb color_equivariant fillstyle solid 1 noborder, \
             for [i = 1 : has('separatrix')] data index block('separatrix') using 1:2 with lines @line_separatrix, \
             for [i = 1 : E eq 'line'] data index 'E;' using 1:2:3:4 with vectors nohead @line_E, \
             for [i = 1 : has('along')] data index block('separatrix on E') using 1:2 with lines @line_along, \
             for [i = 1 : has('separatrix')] data index block('separatrix heads') using 1:2:3:4 \
                 with vectors @separatrix_head linewidth 1 linecolor rgb color_unstable, \
             for [i = 1 : has('path')] data index block('path') using 1:2 with lines @line_path, \
             for [i = 1 : has('path')] data index block('path heads') using 1:2:3:4 \
                 with vectors @path_head linewidth 1 linecolor rgb color_of(flow), \
             for [i = 1 : has('points')] data index block('points') using ($3 < 3 ? $1 : NaN):2:(radius) \
                 with circles fillcolor rgb '#ffffff' fillstyle solid 1 noborder, \
             for [i = 1 : has('points')] data index block('points') using ($3 == 0 ? $1 : NaN):2:(radius) \
                 with circles fillcolor rgb '#000000' fillstyle solid 1 noborder, \
             for [i = 1 : has('points')] data index block('points') using ($3 == 2 ? $1 : NaN):2:(radius):(90):(270) \
                 with circles fillcolor rgb '#000000' fillstyle solid 1 noborder, \
             for [i = 1 : has('points')] data index block('points') using ($3 < 3 ? $1 : NaN):2:(radius) \
                 with circles linewidth 1.3 linecolor rgb '#000000' fillstyle empty, \
             for [i = 1 : has('points')] data index block('points') using ($3 == 3 ? $1 : NaN):2 \
                 with points pointtype 5 pointsize points(2.6) linecolor rgb '#ffffff', \
             for [i = 1 : has('points')] data index block('points') using ($3 == 3 ? $1 : NaN):2 \
                 with points pointtype 4 pointsize points(2.6) linewidth 1.3 linecolor rgb '#000000', \
             for [i = 1 : has('points')] data index block('points') using ($3 == 3 ? $1 : NaN):2:('?') with labels font small_font, \
             for [i = 1 : has('path')] data index block('start') using 1:2 with points pointtype 13 pointsize points(2.8) linecolor rgb '#ffffff', \
             for [i = 1 : has('path')] data index block('start') using 1:2 with points pointtype 13 pointsize points(2.1) linecolor rgb color_of(flow)
    }
    unset label
}

# the key: samples and words at places in pixels
unset border; unset tics; unset object
set lmargin at screen screen_x(0); set rmargin at screen screen_x(layout_width)
set tmargin at screen screen_y(0); set bmargin at screen screen_y(layout_height)
set xrange [0 : layout_width]; set yrange [layout_height : 0]
do for [i = 1 : words(key_words)] {
    name = word(key_words, i)
    x = key_x(i); y = key_y(i)
    if (!is_text || key_letter(name) ne '') { set label i value(sprintf('key_text_%d', i)) at x + 50, y left }
    if (is_text) {
        set label 100 + i key_letter(name) at x + 30, y right noenhanced
    } else {
        if (name eq 'E' && E eq 'point') { set object i circle at x + 20, y size 12 fillcolor rgb color_equivariant fillstyle solid 1 noborder }
        if (name eq 'tube') { set object i rectangle from x, y - 9 to x + 40, y + 9 fillcolor rgb color_equivariant @band noborder }
        if (name eq 'start') { set label 100 + i '' at x + 20, y point pointtype 13 pointsize points(2.1) linecolor rgb color_of(flow) }
        if (name eq 'path') { set arrow i from x + 20, y to x + 30, y @path_head linewidth 1 linecolor rgb color_of(flow) }
        if (name eq 'separatrix') { set arrow i from x + 20, y to x + 29, y @separatrix_head linewidth 1 linecolor rgb color_unstable }
        if (name eq 'streamline') { set arrow i from x + 20, y to x + 28, y @streamline_head linewidth 0.8 linecolor rgb color_streamline }
        if (name eq 'sink' || name eq 'source' || name eq 'saddle') {
            set object i circle at x + 20, y size 9 fillcolor rgb (name eq 'sink' ? '#000000' : '#ffffff') \
                fillstyle solid 1 border linecolor rgb '#000000' linewidth 1.3
        }
        if (name eq 'saddle') { set object 100 + i circle at x + 20, y size 9 arc [90 : 270] fillcolor rgb '#000000' fillstyle solid 1 noborder }
        if (name eq 'undecided') {
            set label 100 + i '' at x + 20, y point pointtype 4 pointsize points(2.6) linewidth 1.3 linecolor rgb '#000000'
            set label 200 + i '?' at x + 20, y center font small_font
        }
        if (name eq 'speed') {
            do for [j = 0 : 4] {
                set object 1000 + j rectangle from x + 8 * j, y - 9 to x + 8 * j + 8, y + 9 \
                    fillcolor palette cb -2.7 + 0.6 * j fillstyle solid 1 noborder
            }
        }
    }
}
set samples 2
if (is_text) {
    plot y with lines linetype nodraw
} else {
    plot for [i = 1 : words(key_words)] '+' every ::0::0 using (key_line(word(key_words, i)) ? key_x(i) : NaN):(key_y(i)):(40):(0) \
         with vectors nohead linewidth line_width(word(key_words, i)) linecolor rgb line_color(word(key_words, i)) dashtype line_dash(word(key_words, i)), \
         for [i = 1 : words(key_words)] for [edge = -1 : 1 : 2] '+' every ::0::0 \
             using (word(key_words, i) eq 'tube' ? key_x(i) : NaN):(key_y(i) + 9 * edge):(40):(0) \
         with vectors nohead @line_tube
}
unset multiplot
set output

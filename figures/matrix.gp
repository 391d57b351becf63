# figures/matrix.gp -- statement by model: a symbol a cell, what is open or not as predicted outlined; below, the models that break one hypothesis
#
# One panel whose units are pixels of layout_width and layout_height, y downwards; on a terminal rows are whole lines.

# letters and symbols as the picture is smaller or larger than its layout
magnified = 1.0 * figure_width / layout_width
title_font = fit(1.16 * magnified, title_text)
subtitle_font = fit(magnified, subtitle_text)
small_font = sprintf(',%.1f', 0.85 * letter * magnified)
points(size) = size * point_unit * magnified
if (is_text) {
    row_height = layout_height / (int(layout_height / 17) - 1.0)
    top = 7 * row_height
}
x_of(k) = left + (k - 0.5) * pitch
# room for "holds on" and for the head of the second block
row_of(i) = i > n_models ? i + 3 : i
y_of(i) = top + (row_of(i) - (is_text ? 1.0 : 0.5)) * row_height
shown_at = top + (n_models + (is_text ? 0 : 0.6)) * row_height
atlas_at = top + (n_models + (is_text ? 2 : 2.5)) * row_height
bottom = (n_rows > n_models ? y_of(n_rows) : shown_at) + 0.5 * row_height
leading = is_text ? row_height : 30
left_1 = left - 118; left_2 = left - 66; left_3 = left - 16
set border 0
unset tics
unset grid
set lmargin at screen 0; set rmargin at screen 1; set bmargin at screen 0; set tmargin at screen 1
set xrange [0 : layout_width]
set yrange [layout_height : 0]

set label 1 title_text at layout_width / 2.0, (is_text ? 2 * row_height : 32) center noenhanced font title_font
set label 2 subtitle_text at layout_width / 2.0, (is_text ? 3 * row_height : 72) center noenhanced font subtitle_font

# hairlines, heavier around each block
line = 1
do for [b = 0 : 1] {
    first_row = b ? n_models + 1 : 1
    last_row = b ? n_rows : n_models
    if (last_row >= first_row && !is_text) {
        y_top = y_of(first_row) - 0.5 * row_height
        y_end = y_of(last_row) + 0.5 * row_height
        do for [k = 0 : n_columns] {
            set arrow line from left + k * pitch, y_top to left + k * pitch, y_end nohead linewidth 0.5 linecolor rgb '#e0e0e0' back
            line = line + 1
        }
        do for [i = first_row - 1 : last_row] {
            y = y_top + (i - first_row + 1) * row_height
            set arrow line from left, y to left + n_columns * pitch, y nohead linewidth 0.5 linecolor rgb '#e0e0e0' back
            line = line + 1
        }
    }
}

# heads; over the second block the codes alone
do for [k = 1 : n_columns] {
    code = value(sprintf('column_code_%d', k))
    if (is_text) {
        set label 1000 + k code at x_of(k), top - (k % 2 ? 2 : 1) * row_height center noenhanced
    } else {
        set label 1000 + k value(sprintf('column_name_%d', k)) at x_of(k) + 2, top - 32 left rotate by 60 noenhanced font small_font
        set label 1200 + k code at x_of(k), top - 14 center noenhanced font small_font textcolor rgb color_bound
    }
    if (n_models > 0) { set label 1400 + k value(sprintf('column_shown_%d', k)) at x_of(k), shown_at center noenhanced font small_font textcolor rgb color_bound }
    if (n_rows > n_models && !is_text) { set label 1600 + k code at x_of(k), atlas_at center noenhanced font small_font textcolor rgb color_bound }
}
if (n_models > 0) {
    set label 3 'dim L' at left_1, top - (is_text ? row_height : 14) right font small_font textcolor rgb color_bound
    set label 4 'E' at left_2, top - (is_text ? row_height : 14) right font small_font textcolor rgb color_bound
    set label 5 'N' at left_3, top - (is_text ? row_height : 14) right font small_font textcolor rgb color_bound
    set label 6 'holds on' at 14, shown_at left font small_font textcolor rgb color_bound
}
if (n_rows > n_models) { set label 7 'models that break one hypothesis' at 14, atlas_at left font small_font textcolor rgb color_bound }
if (n_rows == 0) { set label 8 'no model was checked' at layout_width / 2.0, top + row_height center }

# rows
words_color(k) = k == 0 ? color_bound : k == 1 ? color_undecided : color_nominal
do for [i = 1 : n_rows] {
    outcome = value(sprintf('row_outcome_%d', i))
    set label 2000 + i value(sprintf('row_name_%d', i)) at 14, y_of(i) left noenhanced font small_font textcolor rgb (outcome == 0 ? '#000000' : words_color(outcome))
    set label 3000 + i value(sprintf('row_L_%d', i)) at left_1, y_of(i) right noenhanced font small_font textcolor rgb color_bound
    set label 4000 + i value(sprintf('row_E_%d', i)) at left_2, y_of(i) right noenhanced font small_font textcolor rgb color_bound
    set label 5000 + i value(sprintf('row_N_%d', i)).value(sprintf('row_breaks_%d', i)) at left_3, y_of(i) right noenhanced font small_font textcolor rgb color_bound
    words = value(sprintf('row_words_%d', i))
    if (strlen(words)) {
        words_end = left + (n_columns * pitch - 1 > 10.5 * strlen(words) ? n_columns * pitch - 1 : 10.5 * strlen(words))
        if (!is_text) { set object i rectangle from left + 1, y_of(i) - 0.5 * row_height + 1 to words_end, y_of(i) + 0.5 * row_height - 1 fillcolor rgb '#ffffff' fillstyle solid noborder front }
        set label 6000 + i words at left + 8, y_of(i) left noenhanced font small_font textcolor rgb words_color(outcome) front
    }
}

# what is said below
below = bottom + (is_text ? 1.5 * row_height : 26)
if (strlen(forms_text)) {
    set label 9 forms_text at 14, below left noenhanced font small_font textcolor rgb (forms_missed ? color_nominal : '#000000')
    below = below + leading
}
if (strlen(violations_text)) {
    set label 10 violations_text at 14, below left noenhanced font small_font
    below = below + leading
}
do for [k = 1 : n_left_out] { set label 10 + k value(sprintf('left_out_%d', k)) at 14, below + (k - 1) * leading left noenhanced font small_font textcolor rgb color_bound }

cell(symbol) = sprintf("data index 'cells;' using ($3 == %d ? x_of($1) : NaN):(y_of($2))", symbol)
cell_0 = cell(0); cell_1 = cell(1); cell_2 = cell(2); cell_3 = cell(3); cell_4 = cell(4)
outline(outcome) = sprintf("data index 'cells;' using ($4 == %d ? x_of($1) : NaN):(y_of($2))", outcome)
outline_1 = outline(1); outline_2 = outline(2)
style_0 = sprintf("with points pointtype %s pointsize points(1.9) linecolor rgb color_equivariant", is_text ? "'+'" : '5')
# svg draws all symbols with thin lines
style_1 = sprintf("with points pointtype %s pointsize points(%g) linewidth 2.5 linecolor rgb color_nominal", is_text ? "'x'" : '2', figure_format eq 'svg' ? 2.2 : 1.6)
style_2 = sprintf("with points pointtype '?' pointsize 1 linecolor rgb color_undecided")
style_3 = sprintf("with points pointtype %s pointsize points(1.5) linewidth 1.5 linecolor rgb color_bound", is_text ? "'o'" : '6')
style_4 = sprintf("with points pointtype %s pointsize points(0.6) linecolor rgb color_faint", is_text ? "'.'" : '7')
style_open = "with points pointtype 12 pointsize points(3.4) linewidth 1.5 linecolor rgb color_undecided"
style_missed = "with points pointtype 4 pointsize points(3) linewidth 2.5 linecolor rgb '#000000'"

set multiplot
set key off
if (!is_text) { plot NaN, @cell_0 @style_0, @cell_1 @style_1, @cell_2 @style_2, @cell_3 @style_3, @cell_4 @style_4, @outline_1 @style_open, @outline_2 @style_missed }
if (is_text) {
    plot NaN, @cell_0 @style_0, @cell_1 @style_1, @cell_2 @style_2, @cell_3 @style_3, @cell_4 @style_4, \
         for [side in '-11 11'] data index 'cells;' using ($4 == 1 ? x_of($1) + real(side) : NaN):(y_of($2)) with points pointtype '|', \
         for [side in '-11 11'] data index 'cells;' using ($4 == 2 ? x_of($1) + real(side) : NaN):(y_of($2)) with points pointtype '#'
}

eval key_panel(104.0 / layout_height)
set key maxcols 4 samplen 1.5 font small_font
open_style = is_text ? "with points pointtype '|'" : style_open
missed_style = is_text ? "with points pointtype '#'" : style_missed
plot NaN @style_0 title sprintf('holds: %d', n_holds), NaN @style_1 title sprintf('violated: %d', n_violated), \
     NaN @style_2 title sprintf('undecided: %d', n_undecided), NaN @style_4 title sprintf('does not apply: %d', n_absent), \
     NaN @style_3 title sprintf('a pass would mean nothing: %d', n_vacuous), \
     NaN @open_style title sprintf('left open: %d', n_open), NaN @missed_style title sprintf('not as predicted: %d', n_missed)
unset multiplot
set output

# figures/bifurcation.gp -- |Y| of the equilibria of the augmented flow against gamma; E is the axis |Y| = 0
#
# Heavy: what attracts.  Dashed: what does not.  Dotted: what the eigenvalues do not decide.  Labels come placed, in pixels from the upper left corner
# of a picture of drawn_width by drawn_height, whatever its size is here.  E attracts across itself at all, some or none of the equilibria found on it.

color_mark = '#000000'
line_unstable = line_nominal
line_dots = line_bernoulli
px = 1.0 / drawn_height
along(x) = 1.0 * x / drawn_width
up(y) = 1 - y * px
# in the panel, whose upper edge is lower where letters are tall
lowered = is_text ? 34 : 0
inside(y) = up(panel_bottom - (panel_bottom - y) * (panel_bottom - panel_top - lowered) / (1.0 * panel_bottom - panel_top))
set label 1 title_text at screen 0.5, up(32) center noenhanced font title_font
set label 2 subtitle_text at screen 0.5, up(72) center noenhanced font subtitle_font
set multiplot
set key off
set lmargin at screen along(panel_left); set rmargin at screen along(panel_right)
set tmargin at screen inside(panel_top); set bmargin at screen up(panel_bottom)
set xlabel 'γ' offset 0, (is_text ? 0 : 0.3)
eval y_label('distance to E,  |Y|')
set xrange [low : high]
set yrange [-0.06 * highest : 1.06 * highest]
do for [i = 1 : n_labels] {
    words_i = value(sprintf('label_text_%d', i))
    x = along(value(sprintf('label_x_%d', i))); y = inside(value(sprintf('label_y_%d', i)))
    if (value(sprintf('label_right_%d', i))) { set label 10 + i words_i at screen x, screen y right front } else { set label 10 + i words_i at screen x, screen y left front }
}
nothing = !n_stable && !n_unstable && !n_undecided
if (nothing && !n_alone) { set label 3 'no equilibrium off E was found' at graph 0.5, graph 0.55 center }
if (nothing && n_alone) { set label 3 'no branch of equilibria off E was found' at graph 0.5, graph 0.94 center }
if (E_unknown) { set label 4 'no equilibrium was found on E' at graph 0.99, first 0 right offset 0, 1 textcolor rgb color_bound }
if (n_infinite) { set label 5 '→ ∞ as γ → 0' at screen along(infinity_x), screen inside(infinity_y) left textcolor rgb color_bound }
missing_letters = 0.4 * figure_width / columns_of(missing_text)
missing_font = sprintf(',%.1f', letter * (missing_letters < 0.85 ? missing_letters : 0.85))
set label 6 missing_text at screen along(panel_right), screen up(panel_bottom + (is_text ? 47 : 58)) right noenhanced font missing_font textcolor rgb color_bound
style_E_all = "with lines linetype line_equivariant linewidth 4 linecolor rgb color_equivariant dashtype 1"
style_E_some = "with lines linetype line_other linewidth 4 linecolor rgb color_equivariant dashtype 4"
style_E_none = "with lines linetype line_tube linewidth 2 linecolor rgb color_equivariant dashtype 2"
style_E_undecided = "with lines linetype line_dots linewidth 2.5 linecolor rgb color_equivariant dashtype 3"
style_E_unknown = "with lines linetype line_paper linewidth 1 linecolor rgb color_faint dashtype 1"
style_stable = "with lines linetype line_augmented linewidth 4 linecolor rgb color_augmented dashtype 1"
style_unstable = "with lines linetype line_unstable linewidth 2.5 linecolor rgb color_unstable dashtype 2"
style_undecided = "with lines linetype line_dots linewidth 2.5 linecolor rgb color_undecided dashtype 3"
style_alone = "with points pointtype mark('?', 1) pointsize points(1.4) linewidth 1.5 linecolor rgb color_undecided"
style_fold = "with points pointtype mark('>', 13) pointsize points(1.9) linecolor rgb color_mark"
style_critical = "with points pointtype mark('o', 7) pointsize points(1.7) linecolor rgb color_mark"
style_across = "with points pointtype mark('.', 7) pointsize points(0.9) linecolor rgb color_mark"
style_change = "with points pointtype mark('+', 5) pointsize points(1.2) linecolor rgb color_mark"
plot highest with lines linetype nodraw, \
     data index 'E unknown;' using 1:2 @style_E_unknown, \
     data index 'E none;' using 1:2 @style_E_none, \
     data index 'E undecided;' using 1:2 @style_E_undecided, \
     data index 'E some;' using 1:2 @style_E_some, \
     data index 'E all;' using 1:2 @style_E_all, \
     data index 'undecided;' using 1:2 @style_undecided, \
     data index 'unstable;' using 1:2 @style_unstable, \
     data index 'stable;' using 1:2 @style_stable, \
     data index 'alone;' using 1:2 @style_alone, \
     data index 'change;' using 1:2 @style_change, \
     data index 'across;' using 1:2 @style_across, \
     data index 'critical;' using 1:2 @style_critical, \
     data index 'fold;' using 1:2 @style_fold

eval key_panel((drawn_height - panel_bottom - 76) * px)
key_font = sprintf(',%.1f', letter * (figure_width < drawn_width ? along(figure_width) : 1))
set key maxrows key_rows samplen (is_text ? 3 : 2.5) font key_font
entry(style, name) = sprintf(", NaN %s title '%s'", value(style), name)
keys = ''
if (n_stable) { keys = keys.entry('style_stable', 'off E, attracts') }
if (n_unstable) { keys = keys.entry('style_unstable', 'off E, unstable') }
if (n_undecided) { keys = keys.entry('style_undecided', 'off E, undecided') }
if (E_all) { keys = keys.entry('style_E_all', 'on E, all found attract across') }
if (E_some) { keys = keys.entry('style_E_some', 'on E, some found attract across') }
if (E_none) { keys = keys.entry('style_E_none', 'on E, none found attracts across') }
if (E_undecided) { keys = keys.entry('style_E_undecided', 'on E, undecided') }
if (n_fold) { keys = keys.entry('style_fold', 'fold') }
if (n_critical) { keys = keys.entry('style_critical', 'minimum on E: γ_c') }
if (n_across) { keys = keys.entry('style_across', across_text) }
if (n_change) { keys = keys.entry('style_change', 'off E: stability changes') }
if (n_alone) { keys = keys.entry('style_alone', 'point of a continuum') }
eval 'plot NaN notitle'.keys
unset multiplot
set output

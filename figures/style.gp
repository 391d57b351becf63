# figures/style.gp -- size, fonts, line colours and dashes: the same meaning looks the same in every figure
#
# Needs figure_format (png, svg, pdf), figure_file, and figure_width, figure_height in pixels (defaults below).
# Colours: Okabe and Ito's, told apart by dashes as well; white background.

if (!exists('figure_width')) figure_width = 1200
if (!exists('figure_height')) figure_height = 520
set encoding utf8
set minussign
if (figure_format eq 'svg') {
    title_font = ',24'
    set terminal svg size figure_width, figure_height font 'DejaVu Sans,18' linewidth 1.6 dashlength 0.6 background 'white'
} else {
    if (figure_format eq 'pdf') {
        title_font = ',12'
        set terminal pdfcairo size figure_width / 133.0, figure_height / 133.0 font 'DejaVu Sans,10' fontscale 0.78 linewidth 1.4 dashlength 1.6
    } else {
        title_font = ',16'
        set terminal pngcairo size figure_width, figure_height font 'DejaVu Sans' fontscale 1.25 linewidth 1.6 dashlength 0.8 background 'white'
    }
}
set output figure_file

color_nominal = '#d55e00'
color_augmented = '#0072b2'
color_equivariant = '#009e73'
color_bound = '#777777'
color_faint = '#bbbbbb'
color_of(flow) = flow eq 'nominal' ? color_nominal : flow eq 'augmented' ? color_augmented : color_equivariant
pale_of(flow) = flow eq 'nominal' ? '#f2bf99' : '#99c7e0'
dash_of(flow) = flow eq 'nominal' ? 2 : flow eq 'augmented' ? 1 : 4
set dashtype 2 (12, 6)
set dashtype 3 (4, 4)
set dashtype 4 (12, 5, 2, 5)

set border 3 linecolor '#444444'
set tics nomirror scale 0.6
set format x '%g'
set grid back linetype 1 linewidth 0.5 linecolor '#e4e4e4'

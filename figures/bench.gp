# figures/bench.gp -- rates beside the peak of the same run's dgemm; times in gradients, on a logarithmic axis

px = 1.0 / figure_height
set label 1 title_text at screen 0.5, 1 - 32 * px center noenhanced font title_font
set label 2 subtitle_text at screen 0.5, 1 - 72 * px center noenhanced font subtitle_font
set multiplot
set key off
set bmargin at screen 160 * px; set tmargin at screen 1 - 110 * px - (is_text ? 34 * px : 0)

# rates
set lmargin at screen 0.085; set rmargin at screen 0.325
eval y_label('rate, GF/s')
set xrange [0.4 : 2.6]
set yrange [0 : rate_high]
set xtics ('gradient' 1, 'product' 2) scale 0
set style fill solid 1 noborder
set boxwidth 0.66
# the words stand where the line of the peak does not
words = peak == peak && peak / rate_high < 0.26 ? peak / rate_high + 0.07 : 0.06
rate_of(k) = k == 1 ? gradient_rate : product_rate
do for [k = 1 : 2] {
    rate = rate_of(k)
    value_text = rate == rate ? sprintf('%.3g', rate) : 'not timed'
    share_text = rate == rate && peak == peak ? sprintf('%.0f %%', 100 * rate / peak) : ''
    set label 10 + k value_text at first k, graph words + (is_text ? 0.14 : 0.09) center front
    set label 20 + k share_text at first k, graph words center front
}
plot for [k = 1 : 2] data index 'rates;' using ($1 == k ? $1 : NaN):2 with boxes linecolor rgb pale_of('augmented'), \
     peak with lines linetype line_bernoulli linewidth 2.5 linecolor rgb '#000000' dashtype 3

# times
unset label; unset arrow; unset ylabel
set lmargin at screen 0.635; set rmargin at screen 0.905
set xrange [time_low : time_high]
set logscale x
set format x power_format
set xtics autofreq scale 0.6
unset mxtics
set xlabel 'time, in gradients'.gradient_text offset 0, (is_text ? 0 : 0.3)
set yrange [n_times + 0.6 : 0.4]
unset ytics
do for [k = 1 : n_times] {
    t = value(sprintf('time_%d', k))
    took = t == t ? value(sprintf('time_text_%d', k)) : 'not timed'
    set label 20 + k value(sprintf('time_name_%d', k)) at graph 0, first k right offset -1, 0
    set label 40 + k took at first (t == t ? t : time_low), first k left offset (t == t ? 1.2 : 0.6), 0 noenhanced textcolor rgb (t == t ? '#000000' : color_bound)
}
if (!is_text) { set arrow 1 from 1, graph 0 to 1, graph 1 nohead linewidth 1.5 linecolor rgb color_bound back }
plot data index 'times;' using (time_low):1:($2 - time_low):(0) with vectors nohead linewidth (is_text ? 1 : 7) linecolor rgb pale_of('augmented'), \
     data index 'times;' using 2:1 with points pointtype mark('*', 7) pointsize points(1.2) linecolor rgb color_augmented

eval key_panel(64 * px)
set key maxrows 1 samplen 2.5
plot NaN with lines linetype line_bernoulli linewidth 2.5 linecolor rgb '#000000' dashtype 3 title peak_text
unset multiplot
set output

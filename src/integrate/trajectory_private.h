/* integrate/trajectory_private.h -- shared by the driver and the packing of trajectories
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_INTEGRATE_TRAJECTORY_PRIVATE_H
#define FS_INTEGRATE_TRAJECTORY_PRIVATE_H

#include "integrate/trajectory.h"

/* Room for n entries in the series of steps, n at most one more than there are; grows by doubling. */
fs_status fs_trajectory_reserve_steps(fs_trajectory *T, size_t n);

#endif

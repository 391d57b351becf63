/* tests/folder.h -- a temporary folder for the tests of one program: cmocka_run_group_tests(tests, make_folder, remove_folder)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_TESTS_FOLDER_H
#define FS_TESTS_FOLDER_H

#include <stdio.h>
#include <stdlib.h>

static char folder[256];                /* of the group; removed at its end */

static inline int make_folder(void **state)
{
    (void)state;
    const char *top = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/flowsim-test-XXXXXX", top ? top : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **state)
{
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

#endif

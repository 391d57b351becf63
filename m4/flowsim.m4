dnl m4/flowsim.m4 -- the macros of flowsim's configure.ac
dnl SPDX-License-Identifier: GPL-3.0-or-later

# FS_ADD_FLAGS(VARIABLE, FLAGS)
# -----------------------------
# Appends to VARIABLE those FLAGS that the C compiler takes without a warning: all of them in one
# try where that works, one by one where it does not.
AC_DEFUN([FS_ADD_FLAGS], [
  fs_save_CFLAGS=$CFLAGS
  AC_LANG_CONFTEST([AC_LANG_SOURCE([[
    #include <stdio.h>
    int main(void) { return puts("") < 0; }
  ]])])
  AC_MSG_CHECKING([which flags of $1 $CC takes])
  fs_rejected=
  CFLAGS="$fs_save_CFLAGS $$1 -Werror $2"
  AC_COMPILE_IFELSE([], [AS_VAR_APPEND([$1], [" $2"])], [
    for fs_flag in $2; do
      CFLAGS="$fs_save_CFLAGS $$1 -Werror $fs_flag"
      AC_COMPILE_IFELSE([], [AS_VAR_APPEND([$1], [" $fs_flag"])], [AS_VAR_APPEND([fs_rejected], [" $fs_flag"])])
    done
  ])
  rm -f conftest.$ac_ext
  CFLAGS=$fs_save_CFLAGS
  AS_IF([test -z "$fs_rejected"], [AC_MSG_RESULT([all])], [AC_MSG_RESULT([all but$fs_rejected])])
  AC_SUBST([$1])
])

# FS_ADD_LINK_FLAGS(VARIABLE, FLAGS)
# ----------------------------------
# The same for flags of the linker.
AC_DEFUN([FS_ADD_LINK_FLAGS], [
  AC_MSG_CHECKING([which flags of $1 the linker takes])
  fs_save_LDFLAGS=$LDFLAGS
  fs_rejected=
  for fs_flag in $2; do
    LDFLAGS="$fs_save_LDFLAGS $$1 $fs_flag"
    AC_LINK_IFELSE([AC_LANG_SOURCE([[int main(void) { return 0; }]])],
      [AS_VAR_APPEND([$1], [" $fs_flag"])], [AS_VAR_APPEND([fs_rejected], [" $fs_flag"])])
  done
  LDFLAGS=$fs_save_LDFLAGS
  AS_IF([test -z "$fs_rejected"], [AC_MSG_RESULT([all])], [AC_MSG_RESULT([all but$fs_rejected])])
  AC_SUBST([$1])
])

# FS_NEED(NAME, DEBIAN-PACKAGE, HEADERS, LIBRARIES, FUNCTION)
# -----------------------------------------------------------
# A library that flowsim cannot do without: its headers compile and a program that calls FUNCTION
# links.  On success LIBRARIES are appended to FS_LIBS; otherwise the library is remembered, and
# FS_REPORT_MISSING names all of them at once.
AC_DEFUN([FS_NEED], [
  AC_MSG_CHECKING([for $1])
  fs_save_LIBS=$LIBS
  LIBS="$4 $FS_LIBS $fs_save_LIBS"
  AC_LINK_IFELSE([AC_LANG_SOURCE([[
    $3
    int main(void) { void (*volatile f)(void) = (void (*)(void))$5; return !f; }
  ]])],
    [AC_MSG_RESULT([yes]); FS_LIBS="$FS_LIBS $4"],
    [AC_MSG_RESULT([no]); AS_VAR_APPEND([fs_missing], ["
    $1: $2"]); AS_VAR_APPEND([fs_missing_packages], [" $2"])])
  LIBS=$fs_save_LIBS
])

# FS_REPORT_MISSING
# -----------------
AC_DEFUN([FS_REPORT_MISSING], [
  AS_IF([test -n "$fs_missing"], [
    AC_MSG_ERROR([what flowsim needs and this machine lacks (library: its Debian package)
$fs_missing

./bootstrap installs them on Debian; by hand:

    sudo apt-get install$fs_missing_packages
])])
])

# FS_REJECT_FAST_MATH(FLAGS...)
# -----------------------------
# Verdicts rest on NaN, infinities and the order of sums; these flags give them up.
AC_DEFUN([FS_REJECT_FAST_MATH], [
  for fs_flag in $1; do
    AS_CASE([$fs_flag],
      [-ffast-math|-Ofast|-ffinite-math-only|-funsafe-math-optimizations|-fassociative-math|-freciprocal-math|-fno-signed-zeros|-ffp-contract=fast|-ffp-model=fast|-mdaz-ftz],
        [AC_MSG_ERROR([$fs_flag changes what a verdict means (NaN, infinities, order of sums); take it out of CC, CPPFLAGS, CFLAGS or LDFLAGS])])
  done
])

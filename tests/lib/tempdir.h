/*
 * Temporary directories of tests: made under $TMPDIR, removed with all that is
 * in them. Any failure fails the calling test.
 */
#pragma once

enum { TEMPDIR_MAX = 256 };

void tempdir_create(char path[TEMPDIR_MAX]);
void tempdir_remove(const char *path);

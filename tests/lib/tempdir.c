/* Temporary directories of tests. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/lib/tempdir.h"

void tempdir_create(char path[TEMPDIR_MAX])
{
	const char *base = getenv("TMPDIR");
	int n = snprintf(path, TEMPDIR_MAX, "%s/huffleraft-test-XXXXXX",
			 base == NULL ? "/tmp" : base);

	assert_in_range(n, 1, TEMPDIR_MAX - 1);
	assert_non_null(mkdtemp(path));
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void tempdir_remove(const char *path)
{
	assert_int_equal(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/*
 * What happens when an assumption of our own is wrong: one line on stderr,
 * then abort(). Thread: any.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/check.h"

_Noreturn void check_failed(const char *what, const char *file, int line)
{
	(void)fprintf(stderr, "huffleraft: %s:%d: check failed: %s\n", file,
		      line, what);
	abort();
}

void *check_malloc(size_t size)
{
	void *p = malloc(size == 0 ? 1 : size);

	CHECK(p != NULL);
	return p;
}

void *check_calloc(size_t n, size_t size)
{
	void *p = calloc(n == 0 ? 1 : n, size == 0 ? 1 : size);

	CHECK(p != NULL);
	return p;
}

void *check_realloc(void *old, size_t size)
{
	void *p = realloc(old, size == 0 ? 1 : size);

	CHECK(p != NULL);
	return p;
}

char *check_strdup(const char *s)
{
	char *copy = strdup(s);

	CHECK(copy != NULL);
	return copy;
}

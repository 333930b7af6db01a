/*
 * Checks of our own assumptions. They stay on in release builds: a process
 * that has stopped is better than one that goes on from a state its author
 * thought impossible.
 *
 * Never CHECK what comes from outside (input, disk, network): that is refused
 * with an error.
 */
#pragma once

#include <stddef.h>

#define CHECK(condition)                                                       \
	do {                                                                   \
		if (__builtin_expect(!(condition), 0)) {                       \
			check_failed(#condition, __FILE__, __LINE__);          \
		}                                                              \
	} while (0)

#define UNREACHABLE(why) check_failed("unreachable: " why, __FILE__, __LINE__)

/* The structure whose member `member` is at `pointer`. */
#define CONTAINER_OF(pointer, type, member)                                    \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Says on stderr which assumption was wrong, and aborts. Thread: any. */
_Noreturn void check_failed(const char *what, const char *file, int line);

/*
 * malloc, calloc and realloc that do not fail: a daemon that cannot get a few
 * bytes stops, and is started again by its supervisor. For sizes that somebody
 * outside chose use malloc() and answer ENOMEM. Owns: the caller frees.
 */
void *check_malloc(size_t size) __attribute__((malloc, returns_nonnull));
void *check_calloc(size_t n, size_t size)
	__attribute__((malloc, returns_nonnull));
void *check_realloc(void *old, size_t size) __attribute__((returns_nonnull));
char *check_strdup(const char *s) __attribute__((malloc, returns_nonnull));

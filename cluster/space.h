/*
 * Watches the free space of the data directory's disk, so that changes are
 * refused while there is still room to go on with.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "cluster/loop.h"

enum {
	SPACE_PERIOD_MS = 1000,
	SPACE_BYTES = 4 * 1024 * 1024, /* Written: look again at once. */
};

struct space {
	/* Constant. */
	struct loop *loop;
	const char *path;
	uint64_t reserve_bytes;
	void (*changed_cb)(void *ctx, bool full);
	void *ctx;

	/* Owned by the loop. */
	uv_timer_t timer;
	uv_fs_t request;
	bool running;
	bool closing;
	bool full;
	uint64_t bytes; /* Written since the last look. */

	/* Shared. */
	_Atomic uint64_t free_bytes;
};

struct space_config {
	struct loop *loop;
	const char *path;
	uint64_t reserve_bytes;
	/* There is less (or again more) free than the reserve. On the loop. */
	void (*changed_cb)(void *ctx, bool full);
	void *ctx;
};

/* Takes a first look at once. Thread: loop. */
void space_init(struct space *space, const struct space_config *config) ON_LOOP;

/* So many bytes are on their way to the disk. Thread: loop. */
void space_note(struct space *space, size_t bytes) ON_LOOP;

/* Thread: loop; the loop ends after a look that is under way. */
void space_stop(struct space *space) ON_LOOP;

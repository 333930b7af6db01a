/*
 * Compaction: the database is made durable now and then, so that the log
 * behind it can be forgotten.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cluster/consensus.h"
#include "cluster/log.h"
#include "cluster/loop.h"
#include "store/base/logger.h"
#include "store/store.h"

enum {
	/*
	 * Bytes of entries after which the database is flushed. The log keeps
	 * about twice as much: one interval is trailing, for members that lag.
	 */
	CHECKPOINT_INTERVAL_BYTES = 32 * 1024 * 1024,
};

struct checkpoint_config {
	struct loop *loop;
	struct store *store;
	struct log *log;
	struct consensus **consensus;
	const struct logger *logger;
	/* The database could not be flushed for another reason than space. */
	void (*fault_cb)(void *ctx, int rv);
	void *ctx;
};

struct checkpoint {
	/* Constant. */
	struct checkpoint_config config;

	/* Owned by the loop. */
	uv_work_t work;
	bool running;
	bool closing;
	uint64_t bytes;          /* Committed since the last flush began. */
	uint64_t previous_index; /* Of the last flush. */

	/* Of the pool thread while `running`. */
	uint64_t flushed_index;
	int rv;
};

void checkpoint_init(struct checkpoint *checkpoint,
		     const struct checkpoint_config *config) ON_LOOP;

/* Entries of this many bytes were committed. Thread: loop. */
void checkpoint_note(struct checkpoint *checkpoint, size_t bytes) ON_LOOP;

/* No new flush begins; the loop ends after one that is running. */
void checkpoint_stop(struct checkpoint *checkpoint) ON_LOOP;

/*
 * The apply thread: takes committed entries in order, applies them to the
 * store, tells whoever waits.
 *
 *   loop thread    applier_push()     an entry is committed and on disk here
 *   apply thread   store_apply()      one write batch
 *   apply thread   applied_cb         answers FUSE requests, wakes readers
 */
#pragma once

#include "store/store.h"

struct applier;

enum { APPLIER_QUEUE_BYTES_MAX = 64 * 1024 * 1024 };

struct applier_config {
	struct store *store;
	void *ctx;
	/*
	 * The entry was applied. Runs on the apply thread; must not block.
	 * `results` are valid during the call. Also called for entries without
	 * commands (n = 0).
	 */
	void (*applied_cb)(void *ctx, const struct entry *entry,
			   const struct command_result *results, uint32_t n);
	/*
	 * store_apply() failed with rv: nothing more will be applied. Called
	 * once, on the apply thread.
	 */
	void (*fault_cb)(void *ctx, const struct entry *entry, int rv);
};

/* Starts the thread. Errors: -EAGAIN. Owns: applier_close() it. */
int applier_open(struct applier **out, const struct applier_config *config);

/*
 * Queues an entry, taking a reference of its own. Entries come in the order of
 * their indexes. Never blocks: whoever pushes watches applier_queued_bytes().
 * Thread: one at a time.
 */
void applier_push(struct applier *applier, struct entry *entry);

/* Bytes of the entries pushed and not yet applied. Thread: any. */
size_t applier_queued_bytes(const struct applier *applier);

/* Applies what is queued, then ends the thread. NULL is accepted. */
void applier_close(struct applier *applier) OFF_LOOP;

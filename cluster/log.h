/*
 * The replicated log on disk: append, truncate, forget; and what it remembers
 * of an earlier life.
 *
 *   loop thread     log_append()     queue entries; the first index says what
 *                                    they replace
 *   writer thread   (private)        everything queued = one write + one sync
 *   writer thread   durable_cb       entries up to here are on disk
 *
 * A record that was reported durable is never lost silently: a torn tail
 * after a crash is cut off when it cannot have been reported, anything else
 * that does not check is damage and log_open() refuses, naming file and
 * offset. Sync and write errors other than a full disk end the log for good
 * (fault_cb): fsync is never tried again after it failed.
 *
 * The bytes are in huffleraft-format(5).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/err.h"
#include "store/base/logger.h"
#include "store/base/thread.h"
#include "store/entry.h"

enum {
	LOG_SEGMENT_BYTES = 64 * 1024 * 1024,
	LOG_QUEUE_BYTES_MAX = 64 * 1024 * 1024,
};

struct log;

struct log_config {
	const char *dir; /* Made if missing; holds segments only. */
	const struct logger *logger;
	size_t segment_bytes; /* 0 means LOG_SEGMENT_BYTES; tests use less. */
	void *ctx;
	/*
	 * All entries up to `index` of the appends up to number `ticket` are
	 * durable (later appends may have replaced some meanwhile: the ticket
	 * tells). One call a group commit, on the writer thread.
	 */
	void (*durable_cb)(void *ctx, uint64_t ticket, uint64_t index);
	/*
	 * The disk is full (or no longer): while it is, queued entries wait.
	 * At least one segment is always allocated ahead, so this comes while
	 * there still is room for small entries. On the writer thread.
	 */
	void (*full_cb)(void *ctx, bool full);
	/* The log is dead; err names the file. On the writer thread, once. */
	void (*fault_cb)(void *ctx, const struct err *err);
};

/*
 * Opens and recovers. Reads every record once, checks it, and cuts a torn
 * tail off.
 *
 * Errors, with `err` filled: -EBADMSG damaged (ERR_EXIT_CORRUPT, file and
 * offset in the text), -EOPNOTSUPP a newer format (ERR_EXIT_MISMATCH), -EIO,
 * -ENOSPC... Owns: log_close() it. Thread: any but the loop.
 */
int log_open(struct log **out, const struct log_config *config,
	     struct err *err) OFF_LOOP;

/* Writes what is queued, syncs, ends the writer. NULL is accepted. */
void log_close(struct log *log) OFF_LOOP;

/*
 * Indexes of the first and last entry; last == first - 1 when empty. In memory,
 * including what is queued but not durable. An empty new log starts at 1.
 */
uint64_t log_first(const struct log *log) ANY_THREAD;
uint64_t log_last(const struct log *log) ANY_THREAD;

/*
 * Appends n > 0 entries with consecutive indexes; takes a reference to each.
 * If the first index is <= log_last(), everything from there on is dropped
 * first (on disk too, in order). It must be >= log_first() and <= log_last()
 * + 1 (CHECK), except that an empty log accepts any first index >= 1.
 * Returns the ticket of this append; tickets count up by one.
 * Never blocks; whoever appends watches log_queued_bytes(). Thread: loop.
 */
uint64_t log_append(struct log *log, struct entry *const *entries,
		    size_t n) ON_LOOP;

/* Bytes appended and not yet durable. Thread: any. */
size_t log_queued_bytes(const struct log *log) ANY_THREAD;

/*
 * Entries up to `index` are not needed any more: whole segments that hold
 * nothing newer are recycled or removed, by the writer thread, in order with
 * the appends. index may be beyond the last entry (after installing a
 * checkpoint): then the log is empty and continues at index + 1.
 */
void log_forget(struct log *log, uint64_t index) ON_LOOP;

/*
 * Reads entries from disk, first <= index < first + n, as far as max_bytes
 * reach, at least one; fills out[] and *n_out. Owns: the caller unrefs them.
 * Errors: -ENOENT not in the log (any more), -EBADMSG damaged, -EIO.
 * Blocks on the disk. Thread: any but the loop.
 */
int log_read(struct log *log, uint64_t first, size_t n, size_t max_bytes,
	     struct entry **out, size_t *n_out) OFF_LOOP;

/* Term and type of an entry, from memory. Errors: -ENOENT. Thread: any. */
int log_entry_info(const struct log *log, uint64_t index, uint64_t *term,
		   enum entry_type *type) ANY_THREAD;

/* Bytes of all segments on disk. Thread: any. */
uint64_t log_disk_bytes(const struct log *log) ANY_THREAD;

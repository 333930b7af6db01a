/*
 * One entry of the replicated log, in memory.
 *
 * Written once, before anybody else sees it; then shared by the consensus
 * core, the log writer, the apply thread and the senders, each holding a
 * reference. What the bytes mean: COMMAND see store/command.h, BARRIER none,
 * CHANGE an encoded configuration of the members, opaque to store/.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* The largest entry: one write(2) of 1 MiB and what goes with it. */
	ENTRY_LEN_MAX = 1024 * 1024 + 64 * 1024,
};

/* These numbers are on disk and on the wire. */
enum entry_type {
	ENTRY_COMMAND = 1,
	ENTRY_BARRIER = 2,
	ENTRY_CHANGE = 3,
};

struct entry {
	atomic_uint refs;
	enum entry_type type;
	uint64_t index;
	uint64_t term;
	uint32_t len; /* Bytes of data, at most ENTRY_LEN_MAX. */
	uint8_t data[];
};

/*
 * A new entry with one reference, its index, term and data not yet set.
 * Owns: the caller, until entry_unref(). Thread: any.
 */
struct entry *entry_new(enum entry_type type, uint32_t len);

/* One more reference to the same entry. Thread: any. */
struct entry *entry_ref(struct entry *entry);

/* Gives a reference back; NULL is accepted. Thread: any. */
void entry_unref(struct entry *entry);

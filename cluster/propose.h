/*
 * Proposing: from a command to its result, exactly once.
 *
 *   any thread     propose_submit()   post it
 *   loop thread    (private)          number it in the session, queue it
 *   loop thread    propose_flush()    everything queued becomes one entry
 *   apply thread   propose_applied()  the entry was applied: answer
 *
 * A command is answered once: by the apply thread with its result, or by the
 * loop when its time is up. Until it was put into an entry it can be withdrawn
 * and a time-out means "not applied" (-EROFS); from then on the outcome of a
 * time-out is unknown (-ETIMEDOUT).
 *
 * Source of the session numbers: Ongaro, "Consensus: Bridging Theory and
 * Practice" (2014), section 6.3.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cluster/loop.h"
#include "store/store.h"

struct node;
struct proposal;

/*
 * The end of a proposal. `status`:
 *   0            the command was applied; result->verdict says whether it did
 *                anything (0) or was refused (a negative errno).
 *   -EROFS       not applied, and never will be: no leader, or no room, in
 *                time; or the node is no member of a cluster.
 *   -ENOSPC      not applied, never will be: the disk is full.
 *   -ETIMEDOUT   unknown: it may be applied later, once.
 *   -EINTR       withdrawn by node_withdraw(): not applied, or, if that said
 *                `abandon`, unknown.
 * `result` is NULL unless status is 0, and is valid during the call only.
 * Runs on the apply or the loop thread and must not block. The proposal is the
 * caller's again.
 */
typedef void (*proposal_cb)(struct proposal *proposal, int status,
			    const struct command_result *result);

struct proposal {
	/*
	 * Set by the caller; what the command points to must live until the
	 * callback. session, seq and floor are filled in by the loop.
	 */
	struct command command;
	proposal_cb cb;
	uint64_t ticket; /* 0, or a number to withdraw it by. */

	/* Private. */
	struct loop_task task;
	struct node *node;
	struct proposal *prev; /* In the queue, or among the submitted. */
	struct proposal *next;
	uint64_t deadline_ms;
	bool submitted; /* It is in an entry that was offered to raft. */
};

enum {
	/* Entries offered and not committed; the rest waits and is batched. */
	PROPOSE_ENTRIES_MAX = 2,
	/* Bytes that may wait in all; beyond it a proposal is refused. */
	PROPOSE_BYTES_MAX = 256 * 1024 * 1024,
};

struct propose_io {
	void *ctx;
	/* consensus_submit(): sets the entry's index. */
	int (*submit)(void *ctx, struct entry *entry);
};

struct propose {
	/* Constant. */
	struct propose_io io;
	uint64_t session;
	unsigned timeout_ms;

	/* Owned by the loop. */
	struct proposal *queue; /* Oldest first; not in any entry yet. */
	uint64_t next_seq;
	unsigned offered_n; /* Entries offered and not committed. */
	uint64_t offered[PROPOSE_ENTRIES_MAX]; /* Their indexes. */
	int refuse; /* Answer of everything new; 0: none. */
	bool session_open;
	bool disk_full; /* Commands that need room are refused. */

	/* Shared. */
	_Atomic uint64_t bytes; /* Of all that are not answered. */
	_Atomic uint64_t n;
	struct mutex lock;
	/* Offered, in the order of their seq. */
	struct proposal *submitted GUARDED_BY(lock);
};

/*
 * @session  random, not 0: the session that this node opens.
 * Owns: propose_fini() it, with nothing unanswered. Thread: loop.
 */
void propose_init(struct propose *propose, const struct propose_io *io,
		  uint64_t session, unsigned timeout_ms);
void propose_fini(struct propose *propose);

/*
 * Takes a proposal in: it waits until propose_flush() puts it into an entry.
 * Before the session is open only COMMAND_SESSION_OPEN is sent, ahead of all
 * others. Answers at once when `refuse` is set, when there is no room for it,
 * or when too much waits already. Thread: loop.
 */
void propose_add(struct propose *propose, struct proposal *p,
		 uint64_t now_ms) ON_LOOP;

/*
 * Offers what waits, as far as PROPOSE_ENTRIES_MAX allows; nothing happens
 * while this node cannot submit. @time_ns: the wall clock, for the entry.
 * Thread: loop, once an iteration.
 */
void propose_flush(struct propose *propose, int64_t time_ns) ON_LOOP;

/* The entry with this index is committed, whoever offered it. Thread: loop. */
void propose_committed(struct propose *propose, uint64_t index) ON_LOOP;

/*
 * The entry's commands were applied with these results: answers those of this
 * session that still wait. Thread: apply.
 */
void propose_applied(struct propose *propose, const struct entry *entry,
		     const struct command_result *results, uint32_t n) ON_APPLY;

/* Answers those whose time is up. Thread: loop. */
void propose_expire(struct propose *propose, uint64_t now_ms) ON_LOOP;

/* The next time propose_expire() has something to do, or 0. Thread: loop. */
uint64_t propose_deadline_ms(struct propose *propose) ON_LOOP;

/* See node_withdraw(). Thread: loop. */
void propose_withdraw(struct propose *propose, uint64_t ticket,
		      bool abandon) ON_LOOP;

/*
 * Answers everything and from now on every new proposal: -EROFS what is not in
 * an entry, -ETIMEDOUT what is. Thread: loop.
 */
void propose_close(struct propose *propose) ON_LOOP;

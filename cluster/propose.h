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
	struct proposal *prev; /* In the queue, or among the submitted. */
	struct proposal *next;
	uint64_t deadline_ms;
	bool submitted; /* It is in an entry that was offered to raft. */
};

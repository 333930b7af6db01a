/*
 * Agreement: libraft's core (raft_step) and the guards without which it loses
 * data, as one deterministic object. Events in, callbacks out; no I/O, no
 * clock, no randomness but the seed it is given. The daemon drives it with a
 * real disk and network, the simulator with fake ones.
 *
 *     received, submitted, persisted, timeout ...      (calls of consensus_*)
 *                         |
 *                     raft_step()
 *                         |
 *     1 save_vote   2 append   3 install   4 send   5 commit   6 arm
 *                                              (struct consensus_io)
 *
 * The driver owns the entries (the core keeps terms only): a window of the
 * newest ones stays in memory for sending, older ones are fetched.
 *
 * Thread: loop. Not re-entrant: a callback of struct consensus_io must not
 * call consensus_*; it posts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <raft.h>

#include "store/base/logger.h"
#include "store/entry.h"

struct consensus;

enum consensus_role {
	CONSENSUS_IDLE, /* No member of any configuration it knows. */
	CONSENSUS_FOLLOWER,
	CONSENSUS_CANDIDATE,
	CONSENSUS_LEADER,
};

enum {
	CONSENSUS_MEMBERS_MAX = 9 + 6, /* Voters and standbys. */
	CONSENSUS_ADDRESS_MAX = 256,
	/* Entries of committed prefix kept in memory for slow followers. */
	CONSENSUS_WINDOW_BYTES = 32 * 1024 * 1024,
	/* One AppendEntries message is cut to about this. */
	CONSENSUS_MESSAGE_BYTES = 1024 * 1024,
};

struct consensus_io {
	void *ctx;
	/*
	 * Durable before it returns. An error is final: the node stops.
	 */
	int (*save_vote)(void *ctx, uint64_t term, uint64_t voted_for);
	/*
	 * Append to the log, replacing everything from entries[0]->index on.
	 * Answer with consensus_persisted() and the ticket returned here.
	 */
	uint64_t (*append)(void *ctx, struct entry *const *entries, size_t n);
	/*
	 * To one peer, in order. The message and what hangs off it is the
	 * caller's; entries[] are those of an AppendEntries (n_entries of it).
	 */
	void (*send)(void *ctx, uint64_t peer, const struct raft_message *m,
		     struct entry *const *entries);
	/*
	 * Entries that a peer needs are not in memory: read them and answer
	 * with consensus_fetched(). Messages to that peer wait meanwhile.
	 */
	void (*fetch)(void *ctx, uint64_t peer, uint64_t first, size_t n);
	/* Committed and durable here: apply it. Every index once, in order. */
	void (*commit)(void *ctx, struct entry *entry);
	/* The peer needs a checkpoint: what it lacks was forgotten. */
	void (*checkpoint)(void *ctx, uint64_t peer);
	/* Call consensus_timeout() at this time, not at an earlier set one. */
	void (*arm)(void *ctx, uint64_t at_ms);
	/* Role, term, leader or members changed. */
	void (*changed)(void *ctx);
};

/* Guards that a test may switch off to show what they are for. Never else. */
enum consensus_guard {
	CONSENSUS_GUARD_A = 1 << 0,  /* Own entry committed before a CHANGE. */
	CONSENSUS_GUARD_B = 1 << 1,  /* One member at a time, order kept. */
	CONSENSUS_GUARD_C = 1 << 2,  /* A CHANGE is first in its message. */
	CONSENSUS_GUARD_D = 1 << 3,  /* Re-anchor before the compacted log. */
	CONSENSUS_GUARD_D2 = 1 << 4, /* Nothing of an old connection. */
	CONSENSUS_GUARD_E = 1 << 5,  /* CHANGE alone in its SUBMIT. */
	CONSENSUS_GUARD_F = 1 << 6,  /* No SPARE, clamped timers. */
	CONSENSUS_GUARD_G = 1 << 7,  /* A leader never removes itself. */
};

struct consensus_config {
	uint64_t id;
	const char *address;
	unsigned seed; /* The node's own: equal seeds elect in step. */
	unsigned election_timeout_ms;
	unsigned heartbeat_ms;
	const struct logger *logger;
	struct consensus_io io;
	unsigned guards_off; /* enum consensus_guard; 0 outside tests. */
};

/* What was on disk. */
struct consensus_start {
	uint64_t term;
	uint64_t voted_for;
	uint64_t log_first;       /* First index of the log; 1 for a new one. */
	struct entry *const *log; /* log_n entries from log_first on. */
	size_t log_n;
	/* The state machine as opened: everything up to here is applied. */
	uint64_t applied_index; /* 0: nothing. */
	uint64_t applied_term;
	uint64_t members_index; /* Configuration as of applied_index. */
	const void *members;    /* Encoded; NULL when members_index is 0. */
	size_t members_len;
};

/*
 * Makes the core and feeds it START; callbacks come already (a lone voter
 * becomes leader here). CHECKs the library's version first.
 * Errors: -EBADMSG what was on disk cannot be (say, members do not decode),
 * -EIO save_vote failed. Owns: consensus_free() it.
 */
int consensus_new(struct consensus **out, const struct consensus_config *config,
		  const struct consensus_start *start, uint64_t now_ms);
void consensus_free(struct consensus *c); /* NULL is accepted. */

/* The first entry of a new cluster's log: one voter. Owns: the caller. */
struct entry *consensus_bootstrap_entry(uint64_t id, const char *address);

/*
 * Proposes one entry (COMMAND): sets its index and term, takes a reference.
 * Errors: -EAGAIN not the leader, or handing leadership over; -ENOSPC too
 * little disk on a majority; -EIO save_vote failed earlier.
 */
int consensus_submit(struct consensus *c, struct entry *entry, uint64_t now_ms);

/* Appends up to the io.append ticket are durable, and the log up to index. */
int consensus_persisted(struct consensus *c, uint64_t ticket, uint64_t index,
			uint64_t now_ms);

int consensus_timeout(struct consensus *c, uint64_t now_ms);

/*
 * A connection to a peer was made (or lost: epoch 0). Messages of any other
 * epoch than the newest are discarded.
 */
void consensus_connected(struct consensus *c, uint64_t peer, uint64_t epoch);

/*
 * A message of a peer. entries[] of an AppendEntries: takes a reference to
 * each that it keeps. Unknown peers, old epochs, impossible numbers are
 * answered by silence. Errors: -EIO save_vote failed.
 */
int consensus_receive(struct consensus *c, uint64_t peer, uint64_t epoch,
		      const struct raft_message *m,
		      struct entry *const *entries, uint64_t now_ms);

/* What io.fetch asked for; n may be less (0: forgotten meanwhile). */
int consensus_fetched(struct consensus *c, uint64_t peer, uint64_t first,
		      struct entry *const *entries, size_t n, uint64_t now_ms);

/*
 * The state machine has durably reached `index` (> the last one said): the log
 * before index - trailing may go. *forget is the index up to which the driver
 * must then forget its own log (0: none). Errors: -EBUSY installing.
 */
int consensus_compact(struct consensus *c, uint64_t index, unsigned trailing,
		      uint64_t *forget, uint64_t now_ms);

/*
 * A committed CHANGE (a lone call each, guards A, B, E, F, G): adds a standby,
 * makes a standby a voter, or removes a member.
 * Errors: -EAGAIN not the leader; -EBUSY another change is under way, nothing
 * of this term is committed yet, or removal of the leader itself (transfer
 * first); -EEXIST, -ENOENT; -E2BIG too many members.
 */
int consensus_add(struct consensus *c, uint64_t id, const char *address,
		  uint64_t now_ms);
int consensus_promote(struct consensus *c, uint64_t id, uint64_t now_ms);
int consensus_remove(struct consensus *c, uint64_t id, uint64_t now_ms);

/* Hands leadership to a voter (0: to the best). Errors: -EAGAIN, -ENOENT. */
int consensus_transfer(struct consensus *c, uint64_t id, uint64_t now_ms);

/* Free disk of this node in the unit of the core's threshold: 0 to 65535. */
void consensus_set_capacity(struct consensus *c, unsigned short capacity);

/* The voters' free capacity below which submit is -ENOSPC; 0: no limit. */
void consensus_set_capacity_min(struct consensus *c, unsigned short minimum);

/*
 * Sends the commit index to followers that were not told (the core itself
 * would wait for the next heartbeat). Call it once a loop iteration.
 */
void consensus_flush(struct consensus *c, uint64_t now_ms);

struct consensus_member {
	uint64_t id;
	uint64_t match; /* Known by the leader only; else 0. */
	bool voter;
	char address[CONSENSUS_ADDRESS_MAX];
};

struct consensus_view {
	enum consensus_role role;
	uint64_t term;
	uint64_t leader; /* Hint; 0: unknown. */
	uint64_t commit;
	uint64_t last;   /* Of the log, in memory. */
	uint64_t stored; /* Of the log, durable. */
	/* Leader: index of its own first entry of this term is committed. */
	bool established;
	/* Leader, and the newest configuration has no other member at all. */
	bool alone;
	unsigned n_members;
	struct consensus_member members[CONSENSUS_MEMBERS_MAX];
};

void consensus_view(const struct consensus *c, struct consensus_view *out);

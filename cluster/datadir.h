/*
 * The data directory: one node's lock, identity and paths.
 *
 *   <data>/LOCK       held (fcntl lock) by the process that uses the directory
 *   <data>/identity   cluster id, node id, format version; text, checksummed
 *   <data>/vote       term and vote (vote.h)
 *   <data>/log/       segments of the log (log.h)
 *   <data>/current    the name of the database that is in use: "db-N"
 *   <data>/db-N/      the database (store.h)
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/base/err.h"
#include "store/base/thread.h"

enum { DATADIR_PATH_MAX = 4096, DATADIR_FORMAT_VERSION = 1 };

struct datadir {
	int lock_fd;
	uint64_t node_id;    /* Random, never 0, never reused. */
	uint64_t cluster_id; /* 0: not a member of any cluster yet. */
	char path[DATADIR_PATH_MAX];
	char vote[DATADIR_PATH_MAX];
	char log[DATADIR_PATH_MAX];
	char db[DATADIR_PATH_MAX]; /* What `current` names. */
};

/*
 * Makes the directory (mode 0700) if it is missing, locks it, reads or makes
 * the identity with a random node id, removes leftovers of interrupted work,
 * syncs every directory it changed.
 *
 * Errors, with `err` filled: -EBUSY another process has it (ERR_EXIT_IN_USE,
 * its pid in the text), -EBADMSG damaged (ERR_EXIT_CORRUPT), -EOPNOTSUPP a
 * newer format (ERR_EXIT_MISMATCH), -ENOTEMPTY it has files that are not ours
 * (ERR_EXIT_USAGE), -EIO, -ENOSPC, -EACCES...
 */
int datadir_open(struct datadir *out, const char *path,
		 struct err *err) OFF_LOOP;

/*
 * Says which cluster this node belongs to, durably, once (cluster_id is 0
 * before). Errors: -EIO, -ENOSPC.
 */
int datadir_set_cluster(struct datadir *datadir, uint64_t cluster_id,
			struct err *err) OFF_LOOP;

/* Gives the lock back. */
void datadir_close(struct datadir *datadir);

/* A number from the kernel's random source, not 0. */
uint64_t datadir_random_id(void);

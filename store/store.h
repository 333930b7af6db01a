/*
 * The replicated state: a tree of files in a RocksDB database.
 *
 * The database changes only through store_apply(), which turns one committed
 * entry of the log into one write batch that holds the entry's index as well:
 * whatever moment a crash picks, the database is the state after some entry,
 * and the entries after it are applied again from the log. Reads run on any
 * thread beside it.
 *
 * RocksDB's own log is off: after a crash the database is as of its last
 * store_flush() (or flush of RocksDB's own), and entries up to
 * store_applied_index() as seen after opening need not be in the log.
 *
 * Equal entries make equal databases, byte for byte: store_dump() shows it.
 *
 * Orphans. A file that loses its last name while sessions exist is kept, with
 * the set of sessions that might hold it open; each RELEASE takes its session
 * out of the set, and so does the end of a session; with the last one the
 * contents go. So an unlinked file stays readable and writable through open
 * descriptors on every node.
 *
 * It knows neither raft nor FUSE nor the network.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "store/base/err.h"
#include "store/base/logger.h"
#include "store/base/thread.h"
#include "store/command.h"
#include "store/entry.h"

enum {
	STORE_ROOT_INO = 1,
	STORE_FORMAT_VERSION = 1,
};

struct store;

/* Attributes of a file or directory, the same on all nodes. */
struct inode {
	uint64_t ino;
	uint64_t parent; /* Of a directory; 0 for files. */
	uint32_t mode;   /* Type and permissions, as st_mode. */
	uint32_t uid;
	uint32_t gid;
	uint32_t nlink;
	uint64_t size;    /* Bytes. */
	uint64_t change;  /* Index of the entry that changed it last. */
	int64_t atime_ns; /* Since the epoch, as the leader's clock said. */
	int64_t mtime_ns;
	int64_t ctime_ns;
};

struct store_config {
	const char *dir; /* Of the database; made if it is missing. */
	const struct logger *logger;
	size_t cache_bytes;        /* Block cache; 0 means 32 MiB. */
	size_t write_buffer_bytes; /* All memtables; 0 means 32 MiB. */
	uint64_t value_max_bytes;  /* Larger files are EFBIG; 0: 1 GiB. */
};

/*
 * Opens the database, making an empty one (a root directory, mode 0755, owned
 * by root, times 0) where there is none.
 *
 * Errors, with `err` filled:
 *   -EBADMSG     damaged; err->exit_status is ERR_EXIT_CORRUPT and the text
 *                names the file.
 *   -EOPNOTSUPP  a newer format; ERR_EXIT_MISMATCH.
 *   -EIO, -ENOSPC, -ENOMEM...
 * Owns: store_close() it. Thread: any, not the loop.
 */
int store_open(struct store **out, const struct store_config *config,
	       struct err *err) OFF_LOOP;

/* Flushes what can be flushed and closes. NULL is accepted. */
void store_close(struct store *store) OFF_LOOP;

/* What became of one command of an entry. */
struct command_result {
	int verdict;         /* 0, or a negative errno: refused, no change. */
	bool duplicate;      /* Applied earlier; this is the stored answer. */
	uint64_t value;      /* As the command's type says. */
	uint64_t orphan_ino; /* A file that lost its last name, or 0. */
	struct inode
		inode; /* The inode made, changed or removed, afterwards. */
};

/*
 * Applies the next entry.
 *
 * @results  room for COMMAND_BATCH_MAX; results[i] is of the i-th command.
 * @n        how many there were; 0 for BARRIER and CHANGE entries.
 *
 * An entry at or below store_applied_index() changes nothing and has n = 0.
 * A gap is a mistake of the caller's (CHECK).
 *
 * Errors, after each of which nothing was changed:
 *   -EBADMSG     the entry or a record it needs is damaged.
 *   -EOPNOTSUPP  a command that is newer than this program: stop applying,
 *                state `upgrade-required`.
 *   -EIO, -ENOSPC  RocksDB failed; store_close() and open again to go on.
 */
int store_apply(struct store *store, const struct entry *entry,
		struct command_result *results, uint32_t *n) ON_APPLY;

/* Index and term of the last entry applied; 0 before the first. Thread: any. */
uint64_t store_applied_index(const struct store *store) ANY_THREAD;
uint64_t store_applied_term(const struct store *store) ANY_THREAD;

/*
 * The members as of the last CHANGE entry applied.
 * Errors: -ENOENT none yet. Owns: the caller frees *buf. Thread: any.
 */
int store_membership(struct store *store, uint64_t *index, void **buf,
		     size_t *len) ANY_THREAD;

/*
 * Makes everything that was applied before the call durable; *index is an
 * applied index that the durable state has reached. Takes as long as the disk
 * does. Errors: -EIO, -ENOSPC. Thread: any but loop and apply (a pool thread),
 * one at a time.
 */
int store_flush(struct store *store, uint64_t *index) OFF_LOOP;

/* The next sequence number a session may use, or -ENOENT. Thread: any. */
int store_session(struct store *store, uint64_t session,
		  uint64_t *last_seq) ANY_THREAD;

/*
 * What the state holds as the answer to a command.
 * Errors: -ENOENT it was not applied, or its answer is below the floor.
 */
int store_session_result(struct store *store, uint64_t session, uint64_t seq,
			 struct command_result *out) ANY_THREAD;

/*
 * A view is the state at one moment, for reads that belong together. NULL in
 * its place is the newest state. It pins old versions in the database: hold it
 * for seconds, not for hours. Thread: any; a view may move between threads.
 */
struct store_view;

struct store_view *store_view_open(struct store *store) ANY_THREAD;
void store_view_close(struct store *store, struct store_view *view) ANY_THREAD;

/* Errors: -ENOENT, -EBADMSG (damaged record), -EIO. Thread: any. */
int store_getattr(struct store *store, const struct store_view *view,
		  uint64_t ino, struct inode *out) ANY_THREAD;

/*
 * The inode called `name` in directory `parent`.
 * Errors: -ENOENT, -ENOTDIR, -ENAMETOOLONG, -EBADMSG, -EIO. Thread: any.
 */
int store_lookup(struct store *store, const struct store_view *view,
		 uint64_t parent, const char *name, size_t name_len,
		 struct inode *out) ANY_THREAD;

/*
 * Reads up to `len` bytes at `offset` into buf; holes are zeros.
 * Returns the number of bytes, 0 at or after the end, or
 * -ENOENT, -EISDIR, -EBADMSG, -EIO. *size, if not NULL, is the file's size in
 * the same state. Thread: any.
 */
ssize_t store_read(struct store *store, const struct store_view *view,
		   uint64_t ino, uint64_t offset, void *buf, size_t len,
		   uint64_t *size) ANY_THREAD;

/*
 * Walks a directory in the order of the names' bytes ("." and ".." are not
 * among them).
 */
struct store_dir;

struct store_dirent {
	uint64_t ino;
	uint32_t type;    /* S_IFREG, S_IFDIR, ... */
	const char *name; /* NUL-terminated; valid until the next call. */
	uint16_t name_len;
};

/* The walk sees the state at the time of the call, pinned until closed. */
int store_dir_open(struct store *store, uint64_t ino,
		   struct store_dir **out) ANY_THREAD;
/* 1 and *out filled, 0 at the end, or -EBADMSG, -EIO. */
int store_dir_next(struct store_dir *dir, struct store_dirent *out) ANY_THREAD;
/* Back to the position after the first n names, in the same state. */
int store_dir_seek(struct store_dir *dir, uint64_t n) ANY_THREAD;
/* Attributes of an entry, in the walk's state. */
int store_dir_getattr(struct store_dir *dir, uint64_t ino,
		      struct inode *out) ANY_THREAD;
void store_dir_close(struct store_dir *dir) ANY_THREAD;

/* Counters of the state, for statfs(2). Kept by apply; cheap to read. */
struct store_usage {
	uint64_t bytes;  /* Sum of the files' sizes. */
	uint64_t inodes; /* Files and directories, orphans included. */
};

void store_usage(struct store *store, struct store_usage *out) ANY_THREAD;

/* Bytes of the database's files on disk. Thread: any. */
uint64_t store_disk_bytes(struct store *store) ANY_THREAD;

/*
 * Writes every record of every column family as text, in order: equal states
 * give equal text. Errors: -EIO. Thread: any.
 */
int store_dump(struct store *store, int fd) OFF_LOOP;

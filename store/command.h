/*
 * The commands of the log: bytes to structs and back.
 *
 * An entry of type ENTRY_COMMAND is a batch: a header {version, number of
 * commands, time of the leader's clock}, then the commands, each with its
 * length. A command says which session sent it, its number there, and the
 * lowest number that the session still waits for an answer to. The bytes are
 * described in huffleraft-format(5) and never reused.
 *
 * Decoding trusts nothing. Decoded names and data point into the entry.
 *
 * Thread: any.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	COMMAND_NAME_MAX = 255,            /* Bytes of a name. */
	COMMAND_DATA_MAX = 1024 * 1024,    /* Bytes that one command writes. */
	COMMAND_BATCH_MAX = 4096,          /* Commands in one entry. */
	COMMAND_RELEASE_MAX = 1024,        /* Inodes in one RELEASE. */
	COMMAND_RESERVE_MAX = 1024 * 1024, /* Inode numbers in one RESERVE. */
};

/*
 * These numbers are on disk and on the wire. Fields each one uses, besides
 * session, seq and floor; the rules themselves are in tree.c and session.c:
 */
enum command_type {
	/* node_id. Expires every other session of that node. */
	COMMAND_SESSION_OPEN = 1,
	/* Nothing: only the floor moves. */
	COMMAND_SESSION_KEEPALIVE = 2,
	/* target: the session that ends. */
	COMMAND_SESSION_EXPIRE = 3,
	/* count inode numbers for this session. Result: value = the first. */
	COMMAND_INO_RESERVE = 4,
	/*
	 * parent, name, mode (permissions and S_ISUID.., S_IFREG implied), uid,
	 * gid, ino, data, flags EXCLUSIVE. Without EXCLUSIVE an existing
	 * regular file has its contents replaced by data and keeps its
	 * number. ino is 0 or of a range that the session reserved.
	 */
	COMMAND_CREATE = 5,
	/*
	 * ino, data, and one of flags REPLACE (the contents are data), APPEND
	 * (offset is ignored), or neither (at offset); KILL_SUID. Result:
	 * value = the offset written at.
	 */
	COMMAND_WRITE = 6,
	/* ino, set (which of:) mode, uid, gid, size, atime_ns, mtime_ns. */
	COMMAND_SETATTR = 7,
	/* parent, name, mode, uid, gid. */
	COMMAND_MKDIR = 8,
	/* parent, name. */
	COMMAND_UNLINK = 9,
	COMMAND_RMDIR = 10,
	/* parent, name, new_parent, new_name, flags NOREPLACE or EXCHANGE. */
	COMMAND_RENAME = 11,
	/*
	 * data: inode numbers, 8 bytes little-endian each, that this session's
	 * node does not (or no longer) hold open; see store.h on orphans.
	 */
	COMMAND_RELEASE = 12,
};

enum command_flag {
	COMMAND_EXCLUSIVE = 1 << 0,
	COMMAND_REPLACE = 1 << 1,
	COMMAND_APPEND = 1 << 2,
	COMMAND_KILL_SUID = 1 << 3, /* A write by one who is not root. */
	COMMAND_NOREPLACE = 1 << 4,
	COMMAND_EXCHANGE = 1 << 5,
};

enum command_set {
	COMMAND_SET_MODE = 1 << 0,
	COMMAND_SET_UID = 1 << 1,
	COMMAND_SET_GID = 1 << 2,
	COMMAND_SET_SIZE = 1 << 3,
	COMMAND_SET_ATIME = 1 << 4,
	COMMAND_SET_MTIME = 1 << 5,
	COMMAND_SET_ATIME_NOW = 1 << 6, /* The entry's time. */
	COMMAND_SET_MTIME_NOW = 1 << 7,
};

struct command {
	enum command_type type;
	uint64_t session; /* Random, not 0. */
	uint64_t seq;     /* From 1, one up for each command of the session. */
	uint64_t floor;   /* Lowest seq the session has no answer to; <= seq. */

	uint64_t ino;
	uint64_t parent;
	uint64_t new_parent;
	const char *name; /* Not NUL-terminated. */
	const char *new_name;
	uint16_t name_len;
	uint16_t new_name_len;
	uint32_t flags; /* enum command_flag */
	uint32_t set;   /* enum command_set */
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	uint32_t count;
	uint64_t node_id;
	uint64_t target;
	uint64_t offset;
	uint64_t size;
	int64_t atime_ns;
	int64_t mtime_ns;
	const uint8_t *data;
	uint32_t data_len;
};

/* Bytes that the command takes in a batch, its length field included. */
size_t command_size(const struct command *command);

/*
 * Writes a batch. command_batch_begin() writes the header, each
 * command_batch_add() one command, command_batch_end() fills in what was
 * counted and returns the bytes used. The buffer has room for COMMAND_HEADER
 * and every command_size(); that it has not is a mistake of the caller's.
 */
enum { COMMAND_HEADER = 16 };

struct command_batch {
	uint8_t *buf;
	size_t size;
	size_t used;
	uint32_t n;
};

void command_batch_begin(struct command_batch *batch, uint8_t *buf,
			 size_t size);
void command_batch_add(struct command_batch *batch,
		       const struct command *command);
size_t command_batch_end(struct command_batch *batch, int64_t time_ns);

/*
 * Reads a batch: command_reader_init(), then command_reader_next() n times.
 * Every field is checked for its bounds: names are 1 to COMMAND_NAME_MAX bytes
 * without '/' and NUL and are not "." or "..", data at most COMMAND_DATA_MAX.
 *
 * Errors:
 *   -EBADMSG     the bytes are no batch: damage, or a peer's fault.
 *   -EOPNOTSUPP  a version or a type of command that is newer than we are.
 */
struct command_reader {
	const uint8_t *at;
	size_t left;
	uint32_t n; /* Commands still to come. */
	int64_t time_ns;
};

int command_reader_init(struct command_reader *reader, const void *buf,
			size_t len);
int command_reader_next(struct command_reader *reader, struct command *out);

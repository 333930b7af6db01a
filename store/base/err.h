/*
 * Why something could not be started or had to stop: a sentence for a person,
 * and the exit status that a daemon ends with because of it.
 */
#pragma once

enum err_exit {
	ERR_EXIT_FAILURE = 1,  /* Anything that is not one of the others. */
	ERR_EXIT_USAGE = 2,    /* Command line or configuration. */
	ERR_EXIT_REMOVED = 3,  /* This node is no longer a member. */
	ERR_EXIT_CORRUPT = 4,  /* Data is damaged; the text names the file. */
	ERR_EXIT_MISMATCH = 5, /* Version or cluster identity. */
	ERR_EXIT_IN_USE = 6,   /* Data directory, address or mount point. */
};

enum { ERR_TEXT_MAX = 512 };

struct err {
	enum err_exit exit_status;
	char text[ERR_TEXT_MAX];
};

/*
 * Fills `err`; a text that is too long is cut. `err` may be NULL: then nothing
 * is done. Thread: any.
 */
void err_set(struct err *err, enum err_exit exit_status, const char *format,
	     ...) __attribute__((format(printf, 3, 4)));

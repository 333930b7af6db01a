/*
 * What the daemon was told: defaults, configuration file, environment and
 * command line (each beats the one before), checked, as one structure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cluster/node.h"
#include "store/base/err.h"
#include "store/base/logger.h"

enum { OPTIONS_PATH_MAX = 4096 };

struct options {
	char mountpoint[OPTIONS_PATH_MAX]; /* Absolute. */
	char data_dir[OPTIONS_PATH_MAX];   /* Absolute. */
	char config[OPTIONS_PATH_MAX];     /* "" when there is none. */
	char name[NODE_NAME_MAX];
	char listen[NODE_ADDRESS_MAX];
	char advertise[NODE_ADDRESS_MAX];
	bool bootstrap;
	bool foreground;
	bool debug;
	bool read_only; /* -o ro */
	bool show_help;
	bool show_version;
	unsigned request_timeout_ms;
	unsigned election_timeout_ms;
	unsigned heartbeat_interval_ms;
	uint64_t value_max_bytes;
	uint64_t disk_reserve_bytes;
	enum logger_level log_level;
	char mount_options[OPTIONS_PATH_MAX]; /* For libfuse, checked. */
};

/*
 * Errors: -EINVAL, with a text that names the option, the variable or the line
 * of the file, and ERR_EXIT_USAGE.
 */
int options_parse(struct options *out, int argc, char **argv, struct err *err);

/* For --help, on stdout. */
void options_print_help(void);

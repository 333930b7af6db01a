/*
 * The mount: what the daemon's main() sees of it.
 *
 * fs.h is what main.c uses; fs_i.h is private to the operations.
 */
#pragma once

#include "cluster/node.h"
#include "fs/options.h"
#include "store/base/err.h"

struct fs;

/*
 * Prepares; the node may call fs_orphan() from now on. Owns: fs_free().
 */
struct fs *fs_new(const struct options *options, const struct logger *logger);
void fs_free(struct fs *fs);

/* struct node_config's orphan_cb; ctx is the struct fs. */
void fs_orphan(void *ctx, uint64_t ino);

/*
 * Mounts on options->mountpoint (over a dead mount of an earlier daemon, which
 * is detached first) and starts serving `node`. Returns when the kernel has
 * answered INIT. Errors, with `err` filled: the mount point is missing, is not
 * a directory (ERR_EXIT_USAGE), is a live mount of ours (ERR_EXIT_IN_USE)...
 */
int fs_mount(struct fs *fs, struct node *node, struct err *err);

/* Called once, when the mount was ended from outside (fusermount3 -u). */
void fs_on_unmounted(struct fs *fs, void (*cb)(void *ctx), void *ctx);

/*
 * Unmounts (lazily when busy), waits for the workers. What is under way gets
 * its answer first as long as the node answers.
 */
void fs_unmount(struct fs *fs);

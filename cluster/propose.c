/*
 * Proposing: see propose.h for the path of a command.
 *
 * While PROPOSE_ENTRIES_MAX entries are on their way to the disk everything
 * else waits in `queue`, and becomes one entry together: the busier the node,
 * the larger its batches. Sequence numbers are given when a command goes into
 * an entry, so `submitted` is in their order and its head is the lowest number
 * without an answer.
 *
 * Whoever takes a proposal off its list answers it: the loop when its time is
 * up, the apply thread when it was applied. `lock` makes that one of them.
 *
 * Thread: loop, but for propose_applied().
 */
#include <errno.h>
#include <string.h>

#include <utlist.h>

#include "cluster/propose.h"
#include "store/base/check.h"

void propose_init(struct propose *propose, const struct propose_io *io,
		  uint64_t session, unsigned timeout_ms)
{
	CHECK(session != 0);
	memset(propose, 0, sizeof(*propose));
	propose->io = *io;
	propose->session = session;
	propose->timeout_ms = timeout_ms;
	propose->next_seq = 1;
	mutex_init(&propose->lock);
}

void propose_fini(struct propose *propose)
{
	CHECK(propose->queue == NULL);
	mutex_fini(&propose->lock);
}

static void answer(struct propose *propose, struct proposal *p, int status,
		   const struct command_result *result)
{
	atomic_fetch_sub(&propose->bytes, command_size(&p->command));
	atomic_fetch_sub(&propose->n, 1);
	p->cb(p, status, result);
}

/* Commands without which a full disk could never become empty again. */
static bool needs_room(const struct command *command)
{
	switch (command->type) {
	case COMMAND_CREATE:
	case COMMAND_WRITE:
	case COMMAND_MKDIR:
		return true;
	case COMMAND_SETATTR:
	case COMMAND_UNLINK:
	case COMMAND_RMDIR:
	case COMMAND_RENAME:
	case COMMAND_RELEASE:
	case COMMAND_SESSION_OPEN:
	case COMMAND_SESSION_KEEPALIVE:
	case COMMAND_SESSION_EXPIRE:
	case COMMAND_INO_RESERVE:
		return false;
	}
	UNREACHABLE("every command needs room or does not");
}

void propose_add(struct propose *propose, struct proposal *p, uint64_t now_ms)
{
	size_t size = command_size(&p->command);

	p->submitted = false;
	p->deadline_ms = now_ms + propose->timeout_ms;
	atomic_fetch_add(&propose->n, 1);
	if (atomic_fetch_add(&propose->bytes, size) + size >
	    PROPOSE_BYTES_MAX) {
		answer(propose, p, -EROFS, NULL);
	} else if (propose->refuse != 0) {
		answer(propose, p, propose->refuse, NULL);
	} else if (propose->disk_full && needs_room(&p->command)) {
		answer(propose, p, -ENOSPC, NULL);
	} else if (p->command.type == COMMAND_SESSION_OPEN) {
		DL_PREPEND(propose->queue, p);
	} else {
		DL_APPEND(propose->queue, p);
	}
}

/*
 * How many proposals from the head of the queue go into one entry, and how
 * many bytes that makes.
 */
static uint32_t measure_batch(const struct propose *propose, size_t *len)
{
	const struct proposal *p;
	uint32_t n = 0;
	size_t size;

	*len = COMMAND_HEADER;
	DL_FOREACH (propose->queue, p) {
		if (!propose->session_open &&
		    p->command.type != COMMAND_SESSION_OPEN) {
			break;
		}
		size = command_size(&p->command);
		if (n == COMMAND_BATCH_MAX || *len + size > ENTRY_LEN_MAX) {
			break;
		}
		*len += size;
		n++;
	}
	return n;
}

/* Numbers and encodes the first n of the queue. */
static struct entry *make_entry(struct propose *propose, uint32_t n, size_t len,
				int64_t time_ns)
{
	struct command_batch batch;
	struct entry *entry = entry_new(ENTRY_COMMAND, (uint32_t)len);
	struct proposal *p = propose->queue;
	uint64_t floor = propose->next_seq;
	uint32_t i;

	mutex_lock(&propose->lock);
	if (propose->submitted != NULL) {
		floor = propose->submitted->command.seq;
	}
	mutex_unlock(&propose->lock);

	command_batch_begin(&batch, entry->data, len);
	for (i = 0; i < n; i++, p = p->next) {
		p->command.session = propose->session;
		p->command.seq = propose->next_seq + i;
		p->command.floor = floor;
		command_batch_add(&batch, &p->command);
	}
	CHECK(command_batch_end(&batch, time_ns) == len);
	return entry;
}

/* Moves the first n of the queue behind the submitted ones. */
static void mark_submitted(struct propose *propose, uint32_t n)
{
	struct proposal *p;
	uint32_t i;

	propose->next_seq += n;
	mutex_lock(&propose->lock);
	for (i = 0; i < n; i++) {
		p = propose->queue;
		DL_DELETE(propose->queue, p);
		p->submitted = true;
		DL_APPEND(propose->submitted, p);
	}
	mutex_unlock(&propose->lock);
}

void propose_flush(struct propose *propose, int64_t time_ns)
{
	struct entry *entry;
	uint64_t index;
	size_t len;
	uint32_t n;
	int rv;

	while (propose->offered_n < PROPOSE_ENTRIES_MAX) {
		n = measure_batch(propose, &len);
		if (n == 0) {
			return;
		}
		entry = make_entry(propose, n, len, time_ns);
		rv = propose->io.submit(propose->io.ctx, entry);
		index = entry->index;
		entry_unref(entry);
		if (rv != 0) {
			/* Not the leader (yet): they wait for their time. */
			return;
		}
		/*
		 * The entry cannot have been applied yet: that takes the loop,
		 * and the loop is here.
		 */
		mark_submitted(propose, n);
		propose->offered[propose->offered_n++] = index;
	}
}

void propose_committed(struct propose *propose, uint64_t index)
{
	unsigned kept = 0;
	unsigned i;

	for (i = 0; i < propose->offered_n; i++) {
		if (propose->offered[i] > index) {
			propose->offered[kept++] = propose->offered[i];
		}
	}
	propose->offered_n = kept;
}

static struct proposal *take_submitted(struct propose *propose, uint64_t seq)
{
	struct proposal *p;

	mutex_lock(&propose->lock);
	/* Results come in the order of seq: the head, as a rule. */
	DL_FOREACH (propose->submitted, p) {
		if (p->command.seq >= seq) {
			break;
		}
	}
	if (p != NULL && p->command.seq == seq) {
		DL_DELETE(propose->submitted, p);
	} else {
		p = NULL;
	}
	mutex_unlock(&propose->lock);
	return p;
}

void propose_applied(struct propose *propose, const struct entry *entry,
		     const struct command_result *results, uint32_t n)
{
	struct command_reader reader;
	struct command command;
	struct proposal *p;
	uint32_t i;

	if (n == 0) {
		return;
	}
	/* The store has just read these same bytes. */
	CHECK(command_reader_init(&reader, entry->data, entry->len) == 0);
	for (i = 0; i < n; i++) {
		CHECK(command_reader_next(&reader, &command) == 0);
		if (command.session != propose->session) {
			continue;
		}
		p = take_submitted(propose, command.seq);
		if (p != NULL) {
			answer(propose, p, 0, &results[i]);
		}
	}
}

/* Takes the first submitted one whose time is up at now_ms. */
static struct proposal *take_late(struct propose *propose, uint64_t now_ms)
{
	struct proposal *p;

	mutex_lock(&propose->lock);
	p = propose->submitted;
	if (p != NULL && p->deadline_ms <= now_ms) {
		DL_DELETE(propose->submitted, p);
	} else {
		p = NULL;
	}
	mutex_unlock(&propose->lock);
	return p;
}

void propose_expire(struct propose *propose, uint64_t now_ms)
{
	struct proposal *p;

	while ((p = take_late(propose, now_ms)) != NULL) {
		answer(propose, p, -ETIMEDOUT, NULL);
	}
	while ((p = propose->queue) != NULL && p->deadline_ms <= now_ms) {
		DL_DELETE(propose->queue, p);
		answer(propose, p, -EROFS, NULL);
	}
}

uint64_t propose_deadline_ms(struct propose *propose)
{
	uint64_t deadline_ms = 0;

	/* The submitted ones were added before the ones in the queue. */
	mutex_lock(&propose->lock);
	if (propose->submitted != NULL) {
		deadline_ms = propose->submitted->deadline_ms;
	}
	mutex_unlock(&propose->lock);
	if (deadline_ms == 0 && propose->queue != NULL) {
		deadline_ms = propose->queue->deadline_ms;
	}
	return deadline_ms;
}

static struct proposal *take_ticket(struct propose *propose, uint64_t ticket)
{
	struct proposal *p;

	mutex_lock(&propose->lock);
	DL_FOREACH (propose->submitted, p) {
		if (p->ticket == ticket) {
			DL_DELETE(propose->submitted, p);
			break;
		}
	}
	mutex_unlock(&propose->lock);
	return p;
}

void propose_withdraw(struct propose *propose, uint64_t ticket, bool abandon)
{
	struct proposal *p;

	DL_FOREACH (propose->queue, p) {
		if (p->ticket == ticket) {
			DL_DELETE(propose->queue, p);
			answer(propose, p, -EINTR, NULL);
			return;
		}
	}
	if (abandon) {
		p = take_ticket(propose, ticket);
		if (p != NULL) {
			answer(propose, p, -EINTR, NULL);
		}
	}
}

void propose_close(struct propose *propose)
{
	propose->refuse = -EROFS;
	propose_expire(propose, UINT64_MAX);
}

/*
 * Bytes on disk and on the wire: bounded cursors over little-endian integers.
 *
 * A cursor never runs past its end. Reading or writing too much sets `failed`
 * and yields zeros, so that a decoder may read a whole record and look at
 * `failed` once. Database keys are big-endian, because their order counts:
 * bytes_put_be64() and bytes_get_be64().
 *
 * Thread: any; a cursor belongs to one thread at a time.
 */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes_reader {
	const uint8_t *at;
	size_t left;
	bool failed;
};

struct bytes_writer {
	uint8_t *at;
	size_t left;
	bool failed;
};

static inline struct bytes_reader bytes_reader_init(const void *buf, size_t len)
{
	return (struct bytes_reader){.at = buf, .left = len};
}

static inline struct bytes_writer bytes_writer_init(void *buf, size_t size)
{
	return (struct bytes_writer){.at = buf, .left = size};
}

/* The next `len` bytes in place, or NULL if there are not so many. */
static inline const uint8_t *bytes_get(struct bytes_reader *r, size_t len)
{
	const uint8_t *at = r->at;

	if (r->failed || len > r->left) {
		r->failed = true;
		return NULL;
	}
	r->at += len;
	r->left -= len;
	return at;
}

static inline void bytes_put(struct bytes_writer *w, const void *src,
			     size_t len)
{
	if (w->failed || len > w->left) {
		w->failed = true;
		return;
	}
	if (len > 0) {
		memcpy(w->at, src, len);
	}
	w->at += len;
	w->left -= len;
}

static inline uint8_t bytes_get_u8(struct bytes_reader *r)
{
	const uint8_t *p = bytes_get(r, 1);

	return p == NULL ? 0 : *p;
}

static inline uint16_t bytes_get_u16(struct bytes_reader *r)
{
	const uint8_t *p = bytes_get(r, 2);
	uint16_t v = 0;

	if (p != NULL) {
		memcpy(&v, p, 2);
	}
	return le16toh(v);
}

static inline uint32_t bytes_get_u32(struct bytes_reader *r)
{
	const uint8_t *p = bytes_get(r, 4);
	uint32_t v = 0;

	if (p != NULL) {
		memcpy(&v, p, 4);
	}
	return le32toh(v);
}

static inline uint64_t bytes_get_u64(struct bytes_reader *r)
{
	const uint8_t *p = bytes_get(r, 8);
	uint64_t v = 0;

	if (p != NULL) {
		memcpy(&v, p, 8);
	}
	return le64toh(v);
}

static inline void bytes_put_u8(struct bytes_writer *w, uint8_t v)
{
	bytes_put(w, &v, 1);
}

static inline void bytes_put_u16(struct bytes_writer *w, uint16_t v)
{
	v = htole16(v);
	bytes_put(w, &v, 2);
}

static inline void bytes_put_u32(struct bytes_writer *w, uint32_t v)
{
	v = htole32(v);
	bytes_put(w, &v, 4);
}

static inline void bytes_put_u64(struct bytes_writer *w, uint64_t v)
{
	v = htole64(v);
	bytes_put(w, &v, 8);
}

static inline void bytes_put_be64(uint8_t out[8], uint64_t v)
{
	v = htobe64(v);
	memcpy(out, &v, 8);
}

static inline uint64_t bytes_get_be64(const uint8_t in[8])
{
	uint64_t v;

	memcpy(&v, in, 8);
	return be64toh(v);
}

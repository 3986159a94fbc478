/*
 * Leg Sensor Profile: one stream, from raw samples in a ring to data packets, each of which can be made again.
 *
 * A stream remembers its last samples, and which of them went out in which packet: packets of one length that follow
 * each other are one run, so that ten seconds of packets take a few dozen bytes.
 */
#ifndef LSP_STREAM_H
#define LSP_STREAM_H

#include "lsp_packets.h"

#define LSP_RUNS 16  /* changes of packet length or losses inside the ring that RESEND can look behind */
#define LSP_HOLES 8  /* stretches that were not sampled, inside the ring */
#define LSP_RING_S 10u /* the profile's least memory */

/* `samples` samples take `ticks` microseconds, exactly. */
struct lsp_period {
    uint32_t ticks, samples;
};

/* Packets of `size` samples from `start` on, numbered from `seq`; the last one ends at `stop` and may be shorter. */
struct lsp_run {
    uint64_t start, stop;
    uint16_t seq;
    uint8_t size;
    bool is_short;
    bool dropped; /* samples before the first packet were lost in the sensor */
};

struct lsp_hole {
    uint64_t start, stop;
};

/* A packet's place. */
struct lsp_place {
    uint64_t start;
    uint16_t seq;
    uint8_t n_samples;
    bool is_short;
    bool dropped;
};

struct lsp_stream {
    struct lsp_descriptor descriptor;
    struct lsp_period period;
    uint8_t *storage; /* the ring, given by the board; lsp_ring_bytes() says how long */
    size_t storage_bytes;
    bool running;
    uint64_t produced, sent;
    uint64_t first_tick; /* of sample 0 */
    uint32_t dropped;    /* samples since boot that could not be sent */
    uint16_t next_seq;
    uint64_t sync_due;   /* index from which a short stream owes a sync */
    uint8_t n_runs, n_holes;
    struct lsp_run runs[LSP_RUNS];
    struct lsp_hole holes[LSP_HOLES];
};

/* Bytes of storage that a stream needs for `seconds`. */
size_t lsp_ring_bytes(const struct lsp_descriptor *descriptor, uint32_t seconds);
/* Samples that the storage holds. */
uint32_t lsp_capacity(const struct lsp_stream *stream);
/* Samples in a full packet on a link whose notifications hold `payload` bytes; 0 if none fits. */
uint8_t lsp_packet_size(const struct lsp_stream *stream, uint16_t payload);
/* The sensor's clock at a sample, microseconds. */
uint64_t lsp_tick_of(const struct lsp_stream *stream, uint64_t index);

/* Begin at index and sequence number 0. */
void lsp_stream_start(struct lsp_stream *stream);
/* Take n samples of all channels, interleaved by time; false if unsent ones were overwritten. */
bool lsp_stream_put(struct lsp_stream *stream, const int32_t *values, uint32_t n_samples);
/* Say that n samples were not taken: they become a gap that the packets tell of. */
void lsp_stream_missed(struct lsp_stream *stream, uint32_t n_samples);

/* Find the next packet; false if none is due. Nothing changes until lsp_stream_sent(). */
bool lsp_stream_next(struct lsp_stream *stream, uint16_t payload, struct lsp_place *place);
/* Note that the packet was handed to the radio. */
void lsp_stream_sent(struct lsp_stream *stream, const struct lsp_place *place, uint8_t size);
/* Take back a packet that never arrived, and all after it. */
void lsp_stream_rewind(struct lsp_stream *stream, uint64_t start, uint16_t seq);
/* Find the first packet that was sent, is kept whole and ends behind `index`; false if there is none. */
bool lsp_stream_again(const struct lsp_stream *stream, uint64_t index, struct lsp_place *place);

/* Make a packet: long or short; returns its length. */
size_t lsp_stream_packet(const struct lsp_stream *stream, const struct lsp_place *place, bool is_short, uint8_t flags,
                         uint8_t *out);

#endif

#include "lsp_stream.h"

#include <string.h>

size_t lsp_ring_bytes(const struct lsp_descriptor *descriptor, uint32_t seconds)
{
    uint64_t samples = ((uint64_t)descriptor->rate_mhz * seconds + 999) / 1000;

    return (size_t)samples * lsp_sample_bytes(descriptor);
}

uint32_t lsp_capacity(const struct lsp_stream *stream)
{
    size_t bytes = lsp_sample_bytes(&stream->descriptor);

    return bytes ? (uint32_t)(stream->storage_bytes / bytes) : 0;
}

uint8_t lsp_packet_size(const struct lsp_stream *stream, uint16_t payload)
{
    size_t bytes = lsp_sample_bytes(&stream->descriptor), size;

    if (!bytes)
        return 0;
    if (payload < LSP_LONG_LEAST)
        return (uint8_t)(LSP_SHORT_SAMPLES / bytes);
    size = (payload - LSP_LONG_HEADER_BYTES) / bytes;
    return size < stream->descriptor.samples_per_packet ? (uint8_t)size : stream->descriptor.samples_per_packet;
}

uint64_t lsp_tick_of(const struct lsp_stream *stream, uint64_t index)
{
    /* The whole periods first: index * ticks would overflow after some months. */
    uint64_t whole = index / stream->period.samples, rest = index % stream->period.samples;

    return stream->first_tick + whole * stream->period.ticks + rest * stream->period.ticks / stream->period.samples;
}

void lsp_stream_start(struct lsp_stream *stream)
{
    stream->running = true;
    stream->produced = stream->sent = 0;
    stream->next_seq = 0;
    stream->sync_due = 0;
    stream->n_runs = stream->n_holes = 0;
}

static uint64_t oldest(const struct lsp_stream *stream)
{
    uint32_t capacity = lsp_capacity(stream);

    return stream->produced > capacity ? stream->produced - capacity : 0;
}

/* Samples of [start, stop) that were taken. */
static uint64_t taken(const struct lsp_stream *stream, uint64_t start, uint64_t stop)
{
    uint64_t n = stop - start;
    uint8_t i;

    for (i = 0; i < stream->n_holes; i++) {
        const struct lsp_hole *hole = &stream->holes[i];
        uint64_t low = hole->start > start ? hole->start : start, high = hole->stop < stop ? hole->stop : stop;

        if (high > low)
            n -= high - low;
    }
    return n;
}

static void skip_to(struct lsp_stream *stream, uint64_t index)
{
    if (index > stream->sent) {
        stream->dropped += (uint32_t)taken(stream, stream->sent, index);
        stream->sent = index;
    }
}

static void forget(struct lsp_stream *stream)
{
    uint64_t first = oldest(stream);
    uint8_t gone = 0;

    while (gone < stream->n_holes && stream->holes[gone].stop <= first)
        gone++;
    stream->n_holes = (uint8_t)(stream->n_holes - gone);
    memmove(stream->holes, stream->holes + gone, stream->n_holes * sizeof stream->holes[0]);
}

bool lsp_stream_put(struct lsp_stream *stream, const int32_t *values, uint32_t n_samples)
{
    const struct lsp_descriptor *descriptor = &stream->descriptor;
    size_t bytes = lsp_sample_bytes(descriptor);
    uint32_t capacity = lsp_capacity(stream), before = stream->dropped, i;
    uint8_t channel;

    for (i = 0; i < n_samples; i++) {
        uint8_t *at = stream->storage + (stream->produced % capacity) * bytes;

        for (channel = 0; channel < descriptor->channels; channel++)
            at = lsp_put_value(at, descriptor->format, *values++);
        stream->produced++;
    }
    skip_to(stream, oldest(stream));
    forget(stream);
    return stream->dropped == before;
}

void lsp_stream_missed(struct lsp_stream *stream, uint32_t n_samples)
{
    struct lsp_hole *last = stream->n_holes ? &stream->holes[stream->n_holes - 1] : NULL;

    if (!n_samples)
        return;
    if (last && (last->stop == stream->produced || stream->n_holes == LSP_HOLES)) {
        /* When too many holes are close together, the samples between the last two are given up. */
        uint64_t lost = stream->produced - last->stop;

        if (stream->sent < last->stop)
            stream->dropped += (uint32_t)lost;
        else if (stream->sent < stream->produced)
            skip_to(stream, stream->produced);
    } else {
        last = &stream->holes[stream->n_holes++];
        last->start = stream->produced;
    }
    stream->produced += n_samples;
    last->stop = stream->produced;
    stream->dropped += n_samples;
    skip_to(stream, oldest(stream));
    forget(stream);
}

/* The next hole that has not been passed. */
static const struct lsp_hole *hole_ahead(const struct lsp_stream *stream)
{
    uint8_t i;

    for (i = 0; i < stream->n_holes; i++)
        if (stream->holes[i].stop > stream->sent)
            return &stream->holes[i];
    return NULL;
}

bool lsp_stream_next(struct lsp_stream *stream, uint16_t payload, struct lsp_place *place)
{
    bool is_short = payload < LSP_LONG_LEAST;
    uint8_t size = lsp_packet_size(stream, payload);
    const struct lsp_run *last = stream->n_runs ? &stream->runs[stream->n_runs - 1] : NULL;

    if (!stream->running || !size)
        return false;
    for (;;) {
        const struct lsp_hole *hole = hole_ahead(stream);
        uint64_t limit = hole ? hole->start : stream->produced, ready;

        if (hole && stream->sent >= hole->start) {
            stream->sent = hole->stop;
            continue;
        }
        if (is_short && stream->sent % size) {
            /* A short packet's number is its place, so it begins at a multiple of its size: with samples that went
             * out before, where they are still there, and otherwise behind the next ones. */
            uint64_t start = stream->sent - stream->sent % size;

            if (start >= oldest(stream) && taken(stream, start, stream->sent) == stream->sent - start) {
                stream->sent = start;
            } else {
                start += size;
                if (start > limit && !hole)
                    return false;
                skip_to(stream, start < limit ? start : limit);
                continue;
            }
        }
        ready = limit - stream->sent;
        if (ready < size && !hole)
            return false;
        if (is_short && ready < size) {
            skip_to(stream, limit); /* short packets are full */
            continue;
        }
        place->start = stream->sent;
        place->n_samples = ready < size ? (uint8_t)ready : size;
        place->seq = stream->next_seq;
        if (is_short)
            place->seq = (uint16_t)(stream->sent / size);
        place->is_short = is_short;
        place->dropped = last ? stream->sent > last->stop : stream->sent > 0;
        return true;
    }
}

void lsp_stream_sent(struct lsp_stream *stream, const struct lsp_place *place, uint8_t size)
{
    struct lsp_run *last = stream->n_runs ? &stream->runs[stream->n_runs - 1] : NULL;
    bool follows = last && last->stop == place->start && last->size == size && last->is_short == place->is_short &&
                   (last->stop - last->start) % size == 0;

    if (follows)
        follows = place->seq == (uint16_t)(last->seq + (last->stop - last->start) / size);
    if (!follows) {
        if (stream->n_runs == LSP_RUNS) {
            memmove(stream->runs, stream->runs + 1, (LSP_RUNS - 1) * sizeof stream->runs[0]);
            stream->n_runs--;
        }
        last = &stream->runs[stream->n_runs++];
        last->start = place->start;
        last->seq = place->seq;
        last->size = size;
        last->is_short = place->is_short;
        last->dropped = place->dropped;
    }
    last->stop = place->start + place->n_samples;
    if (last->stop > stream->sent) /* not when they were overwritten while the radio took them */
        stream->sent = last->stop;
    stream->next_seq = (uint16_t)(place->seq + 1);
}

void lsp_stream_rewind(struct lsp_stream *stream, uint64_t start, uint16_t seq)
{
    while (stream->n_runs && stream->runs[stream->n_runs - 1].start >= start)
        stream->n_runs--;
    if (stream->n_runs && stream->runs[stream->n_runs - 1].stop > start)
        stream->runs[stream->n_runs - 1].stop = start;
    stream->sent = start;
    stream->next_seq = seq;
    skip_to(stream, oldest(stream));
}

bool lsp_stream_again(const struct lsp_stream *stream, uint64_t index, struct lsp_place *place)
{
    uint64_t first = oldest(stream);
    uint8_t i;

    for (i = 0; i < stream->n_runs; i++) {
        const struct lsp_run *run = &stream->runs[i];
        uint64_t number = index > run->start ? (index - run->start) / run->size : 0, start;

        if (run->start < first) {
            uint64_t kept = (first - run->start + run->size - 1) / run->size;

            number = number > kept ? number : kept;
        }
        start = run->start + number * run->size;
        place->n_samples = run->stop - start < run->size ? (uint8_t)(run->stop - start) : run->size;
        if (start >= run->stop || start + place->n_samples <= index)
            continue;
        place->start = start;
        place->seq = (uint16_t)(run->seq + number);
        place->is_short = run->is_short;
        place->dropped = run->dropped && number == 0;
        return true;
    }
    return false;
}

size_t lsp_stream_packet(const struct lsp_stream *stream, const struct lsp_place *place, bool is_short, uint8_t flags,
                         uint8_t *out)
{
    size_t bytes = lsp_sample_bytes(&stream->descriptor);
    uint32_t capacity = lsp_capacity(stream), slot = (uint32_t)(place->start % capacity), run = capacity - slot;
    struct lsp_header header;
    uint8_t *at;

    header.stream = stream->descriptor.id;
    header.flags = (uint8_t)(flags | (place->dropped ? LSP_DROPPED : 0));
    header.seq = place->seq;
    header.index = (uint32_t)place->start;
    header.tick = (uint32_t)lsp_tick_of(stream, place->start);
    at = out + (is_short ? lsp_short_header(out, &header) : lsp_long_header(out, &header));
    run = place->n_samples < run ? place->n_samples : run;
    memcpy(at, stream->storage + slot * bytes, run * bytes);
    memcpy(at + run * bytes, stream->storage, (place->n_samples - run) * bytes);
    return (size_t)(at - out) + place->n_samples * bytes;
}

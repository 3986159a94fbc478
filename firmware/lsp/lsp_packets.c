#include "lsp_packets.h"

#include <string.h>

uint8_t *lsp_put16(uint8_t *out, uint16_t value)
{
    out[0] = (uint8_t)value;
    out[1] = (uint8_t)(value >> 8);
    return out + 2;
}

uint8_t *lsp_put32(uint8_t *out, uint32_t value)
{
    return lsp_put16(lsp_put16(out, (uint16_t)value), (uint16_t)(value >> 16));
}

uint8_t *lsp_put64(uint8_t *out, uint64_t value)
{
    return lsp_put32(lsp_put32(out, (uint32_t)value), (uint32_t)(value >> 32));
}

uint16_t lsp_get16(const uint8_t *in)
{
    return (uint16_t)(in[0] | (uint16_t)(in[1] << 8));
}

uint32_t lsp_get32(const uint8_t *in)
{
    return lsp_get16(in) | (uint32_t)lsp_get16(in + 2) << 16;
}

uint64_t lsp_get64(const uint8_t *in)
{
    return lsp_get32(in) | (uint64_t)lsp_get32(in + 4) << 32;
}

static uint8_t *put_float(uint8_t *out, float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return lsp_put32(out, bits);
}

size_t lsp_value_bytes(uint8_t format)
{
    switch (format) {
    case LSP_I8:
        return 1;
    case LSP_I16:
    case LSP_U16:
        return 2;
    case LSP_I24:
        return 3;
    case LSP_I32:
    case LSP_F32:
        return 4;
    default:
        return 0;
    }
}

size_t lsp_sample_bytes(const struct lsp_descriptor *stream)
{
    return stream->channels * lsp_value_bytes(stream->format);
}

static int32_t clamped(int32_t value, int32_t least, int32_t most)
{
    return value < least ? least : value > most ? most : value;
}

uint8_t *lsp_put_value(uint8_t *out, uint8_t format, int32_t value)
{
    switch (format) {
    case LSP_I8:
        *out = (uint8_t)clamped(value, INT8_MIN, INT8_MAX);
        return out + 1;
    case LSP_I16:
        return lsp_put16(out, (uint16_t)clamped(value, INT16_MIN, INT16_MAX));
    case LSP_U16:
        return lsp_put16(out, (uint16_t)clamped(value, 0, UINT16_MAX));
    case LSP_I24:
        value = clamped(value, -0x800000, 0x7FFFFF);
        lsp_put16(out, (uint16_t)value);
        out[2] = (uint8_t)((uint32_t)value >> 16);
        return out + 3;
    case LSP_F32:
        return put_float(out, (float)value);
    default:
        return lsp_put32(out, (uint32_t)value);
    }
}

size_t lsp_info_header(uint8_t *out, const struct lsp_identity *identity, uint8_t n_streams)
{
    uint8_t *at = out;

    *at++ = 'L';
    *at++ = 'S';
    *at++ = LSP_VERSION;
    *at++ = LSP_INFO_HEADER_BYTES;
    *at++ = n_streams;
    *at++ = LSP_DESCRIPTOR_BYTES;
    at = lsp_put16(at, identity->flags);
    at = lsp_put32(at, identity->device_uid);
    at = lsp_put32(at, LSP_TICK_HZ);
    at = lsp_put16(at, identity->max_payload);
    *at++ = identity->body_location;
    *at++ = identity->accuracy_ppm;
    at = lsp_put32(at, identity->boot_id);
    return (size_t)(at - out);
}

size_t lsp_info_stream(uint8_t *out, const struct lsp_descriptor *stream)
{
    uint8_t *at = out;

    *at++ = stream->id;
    *at++ = stream->kind;
    *at++ = stream->channels;
    *at++ = stream->format;
    at = lsp_put32(at, stream->rate_mhz);
    at = put_float(at, stream->scale);
    at = put_float(at, stream->offset);
    *at++ = stream->unit;
    *at++ = stream->samples_per_packet;
    *at++ = stream->adc_bits;
    *at++ = stream->flags;
    at = lsp_put16(at, stream->high_pass_chz);
    at = lsp_put16(at, stream->low_pass_hz);
    return (size_t)(at - out);
}

size_t lsp_short_header(uint8_t *out, const struct lsp_header *header)
{
    out[0] = LSP_SHORT;
    out[1] = header->stream | header->flags;
    lsp_put16(out + 2, header->seq);
    return LSP_SHORT_HEADER_BYTES;
}

size_t lsp_long_header(uint8_t *out, const struct lsp_header *header)
{
    lsp_short_header(out, header);
    out[0] = LSP_LONG;
    lsp_put32(lsp_put32(out + 4, header->index), header->tick);
    return LSP_LONG_HEADER_BYTES;
}

size_t lsp_sync(uint8_t *out, const struct lsp_header *header, uint64_t unix_us)
{
    lsp_long_header(out, header);
    out[0] = LSP_SYNC;
    out[1] = header->stream;
    lsp_put64(out + 12, unix_us);
    return LSP_SYNC_BYTES;
}

size_t lsp_event_bytes(uint8_t *out, const struct lsp_event *event)
{
    out[0] = event->type;
    out[1] = 0;
    lsp_put32(lsp_put32(lsp_put16(out + 2, event->seq), event->tick), (uint32_t)event->value);
    return LSP_EVENT_BYTES;
}

size_t lsp_status_bytes(uint8_t *out, const struct lsp_health *health)
{
    uint8_t *at = out;
    uint8_t channel;

    *at++ = LSP_VERSION;
    *at++ = health->channels;
    *at++ = health->lead_off_p;
    *at++ = health->lead_off_n;
    *at++ = health->flags;
    *at++ = health->queue;
    at = lsp_put16(at, health->battery_mv);
    at = lsp_put16(at, (uint16_t)health->temperature_cc);
    at = lsp_put16(at, health->drops > UINT16_MAX ? UINT16_MAX : (uint16_t)health->drops);
    for (channel = 0; channel < health->channels; channel++) {
        uint32_t ohm = health->impedance_ohm[channel], most = UINT16_MAX - 1;

        at = lsp_put16(at, ohm == LSP_NO_IMPEDANCE ? UINT16_MAX : (uint16_t)(ohm / 100 > most ? most : ohm / 100));
    }
    return (size_t)(at - out);
}

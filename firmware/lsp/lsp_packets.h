/*
 * Leg Sensor Profile version 1: the bytes of every characteristic.
 *
 * Portable C99 without allocation, operating system or floating-point arithmetic (two numbers of the description are
 * copied as single-precision bits). Everything on the air is little-endian, whatever the processor is.
 */
#ifndef LSP_PACKETS_H
#define LSP_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LSP_VERSION 1
#define LSP_TICK_HZ 1000000u /* the clock of every packet counts microseconds */

#define LSP_INFO_HEADER_BYTES 24
#define LSP_DESCRIPTOR_BYTES 24
#define LSP_SHORT_HEADER_BYTES 4
#define LSP_LONG_HEADER_BYTES 12
#define LSP_SYNC_BYTES 20
#define LSP_EVENT_BYTES 12
#define LSP_STATUS_BYTES 12    /* and 2 per channel */
#define LSP_SHORT_SAMPLES 16   /* bytes of samples in a short packet: MTU 23 less the headers */
#define LSP_LONG_LEAST 61      /* smallest notification that carries long packets (MTU 64) */
#define LSP_NO_IMPEDANCE 0xFFFFFFFFu

enum lsp_packet_type { LSP_SHORT = 0xA0, LSP_LONG = 0xA1, LSP_SYNC = 0xA2 };
enum lsp_packet_flag { LSP_LEAD_OFF = 0x40, LSP_DROPPED = 0x80 };
enum lsp_kind { LSP_EMG = 1, LSP_ACC, LSP_GYR, LSP_MAG, LSP_TEMP, LSP_PRESS, LSP_EMG_ENVELOPE };
enum lsp_format { LSP_I8 = 1, LSP_I16, LSP_I24, LSP_I32, LSP_F32, LSP_U16 = 0x12 };
enum lsp_unit { LSP_MICROVOLT = 1, LSP_G, LSP_DPS, LSP_MICROTESLA, LSP_CELSIUS, LSP_PASCAL, LSP_COUNTS, LSP_M_PER_S2 };
enum lsp_info_flag { LSP_CAN_RESEND = 1, LSP_CAN_IMPEDANCE = 2, LSP_COMMON_CLOCK = 4, LSP_HAS_BUTTON = 8 };
enum lsp_stream_flag { LSP_HIGH_PASS_ON = 1, LSP_NOTCH_ON = 2, LSP_LEAD_OFF_CAPABLE = 4 };
enum lsp_status_flag { LSP_STREAMING = 1, LSP_IMPEDANCE_RUNNING = 2, LSP_CHARGING = 4 };
enum lsp_event_type {
    LSP_PRESS_EVENT = 1,
    LSP_RELEASE_EVENT = 2,
    LSP_BOOT_EVENT = 5,
    LSP_LOW_BATTERY_EVENT = 6,
    LSP_CHARGER_EVENT = 7,
    LSP_LEAD_OFF_EVENT = 8,
    LSP_OVERFLOW_EVENT = 9
};

/* One stream as the sensor describes it: physical = raw * scale + offset, in `unit`. */
struct lsp_descriptor {
    uint8_t id;                 /* 0 to 63 */
    uint8_t kind;               /* enum lsp_kind */
    uint8_t channels;
    uint8_t format;             /* enum lsp_format */
    uint32_t rate_mhz;          /* thousandths of a hertz */
    float scale, offset;
    uint8_t unit;               /* enum lsp_unit */
    uint8_t samples_per_packet; /* in long packets */
    uint8_t adc_bits;
    uint8_t flags;              /* enum lsp_stream_flag */
    uint16_t high_pass_chz;     /* hundredths of a hertz */
    uint16_t low_pass_hz;
};

/* The sensor as it describes itself; its streams follow on the air. */
struct lsp_identity {
    uint16_t flags;        /* enum lsp_info_flag */
    uint32_t device_uid;
    uint16_t max_payload;  /* largest notification, bytes */
    uint8_t body_location; /* number in the profile's table */
    uint8_t accuracy_ppm;
    uint32_t boot_id;      /* random at each boot */
};

/* Where a data packet stands in its stream. */
struct lsp_header {
    uint8_t stream;
    uint8_t flags;  /* enum lsp_packet_flag */
    uint16_t seq;
    uint32_t index; /* of its first sample, modulo 2^32 */
    uint32_t tick;  /* the same */
};

struct lsp_event {
    uint8_t type; /* enum lsp_event_type */
    uint16_t seq;
    uint32_t tick;
    int32_t value;
};

struct lsp_health {
    uint8_t lead_off_p, lead_off_n; /* bit per channel */
    uint8_t flags;                  /* enum lsp_status_flag */
    uint8_t queue;                  /* 255 is full */
    uint16_t battery_mv;
    int16_t temperature_cc;         /* hundredths of a degree Celsius */
    uint32_t drops;                 /* samples since boot */
    uint8_t channels;
    uint32_t impedance_ohm[8];      /* LSP_NO_IMPEDANCE where unknown */
};

/* Little-endian numbers; each returns the byte behind. */
uint8_t *lsp_put16(uint8_t *out, uint16_t value);
uint8_t *lsp_put32(uint8_t *out, uint32_t value);
uint8_t *lsp_put64(uint8_t *out, uint64_t value);
uint16_t lsp_get16(const uint8_t *in);
uint32_t lsp_get32(const uint8_t *in);
uint64_t lsp_get64(const uint8_t *in);

/* Bytes of one value; 0 for a format that does not exist. */
size_t lsp_value_bytes(uint8_t format);
/* Bytes of one sample: all channels. */
size_t lsp_sample_bytes(const struct lsp_descriptor *stream);
/* Write one raw value as `format` has it, saturated; returns the byte behind. */
uint8_t *lsp_put_value(uint8_t *out, uint8_t format, int32_t value);

/* The value of the Info characteristic's header, and of one descriptor; both return their length. */
size_t lsp_info_header(uint8_t *out, const struct lsp_identity *identity, uint8_t n_streams);
size_t lsp_info_stream(uint8_t *out, const struct lsp_descriptor *stream);

/* Headers of data packets, and a whole sync packet (unix_us 0: not known); each returns its length. */
size_t lsp_long_header(uint8_t *out, const struct lsp_header *header);
size_t lsp_short_header(uint8_t *out, const struct lsp_header *header);
size_t lsp_sync(uint8_t *out, const struct lsp_header *header, uint64_t unix_us);

/* The values of the Event and Status characteristics; both return their length. */
size_t lsp_event_bytes(uint8_t *out, const struct lsp_event *event);
size_t lsp_status_bytes(uint8_t *out, const struct lsp_health *health);

#endif

/*
 * Runs the portable firmware as a program: one command per line in, its answers and then "." out.
 *
 * The board's functions print that they were called and return what the command `result` set.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp_sensor.h"

#define LINE 20000
#define MOST_VALUES 4096

static struct lsp_sensor sensor;
static struct lsp_stream wanted[LSP_MAX_STREAMS];
static struct lsp_identity identity;
static struct lsp_board board;
static uint8_t n_wanted, board_result;

static uint64_t number(void)
{
    const char *word = strtok(NULL, " \n");

    return word ? strtoull(word, NULL, 0) : 0;
}

static int32_t value(void)
{
    const char *word = strtok(NULL, " \n");

    return word ? (int32_t)strtol(word, NULL, 0) : 0;
}

static float real(void)
{
    const char *word = strtok(NULL, " \n");

    return word ? strtof(word, NULL) : 0.0f;
}

static void print_hex(const uint8_t *bytes, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++)
        printf("%02x", bytes[i]);
    printf("\n");
}

static size_t read_hex(uint8_t *out)
{
    const char *word = strtok(NULL, " \n");
    size_t length = 0;
    unsigned int byte;

    while (word && sscanf(word, "%2x", &byte) == 1) {
        out[length++] = (uint8_t)byte;
        word += 2;
    }
    return length;
}

static uint8_t told(const char *what, long first, long second, long third)
{
    printf("board %s %ld %ld %ld\n", what, first, second, third);
    return board_result;
}

static uint8_t board_start(void *context, uint16_t mask) { (void)context; return told("start", mask, 0, 0); }
static uint8_t board_stop(void *context) { (void)context; return told("stop", 0, 0, 0); }
static uint8_t board_format(void *context, uint8_t stream, uint8_t format) { (void)context; return told("format", stream, format, 0); }
static uint8_t board_impedance(void *context, uint16_t mask) { (void)context; return told("impedance", mask, 0, 0); }
static uint8_t board_identify(void *context) { (void)context; return told("identify", 0, 0, 0); }
static uint8_t board_save(void *context) { (void)context; return told("save", 0, 0, 0); }
static uint8_t board_reset(void *context) { (void)context; return told("reset", 0, 0, 0); }

static uint8_t board_rate(void *context, uint8_t stream, uint32_t rate_mhz, struct lsp_period *period)
{
    (void)context;
    (void)period;
    return told("rate", stream, (long)rate_mhz, 0);
}

static uint8_t board_conn(void *context, uint16_t interval, uint16_t latency, uint16_t timeout)
{
    (void)context;
    return told("conn", interval, latency, timeout);
}

static void add_stream(void)
{
    struct lsp_stream *stream = &wanted[n_wanted];
    struct lsp_descriptor *descriptor = &stream->descriptor;
    uint32_t seconds = (uint32_t)number();

    free(stream->storage);
    memset(stream, 0, sizeof *stream);
    descriptor->id = (uint8_t)number();
    descriptor->kind = (uint8_t)number();
    descriptor->channels = (uint8_t)number();
    descriptor->format = (uint8_t)number();
    descriptor->rate_mhz = (uint32_t)number();
    descriptor->scale = real();
    descriptor->offset = real();
    descriptor->unit = (uint8_t)number();
    descriptor->samples_per_packet = (uint8_t)number();
    descriptor->adc_bits = (uint8_t)number();
    descriptor->flags = (uint8_t)number();
    descriptor->high_pass_chz = (uint16_t)number();
    descriptor->low_pass_hz = (uint16_t)number();
    stream->period.ticks = LSP_TICK_HZ * 1000u;
    stream->period.samples = descriptor->rate_mhz;
    stream->storage_bytes = lsp_ring_bytes(descriptor, seconds);
    stream->storage = malloc(stream->storage_bytes + 1);
    n_wanted++;
}

static void boot(void)
{
    identity.flags = (uint16_t)number();
    identity.device_uid = (uint32_t)number();
    identity.max_payload = (uint16_t)number();
    identity.body_location = (uint8_t)number();
    identity.accuracy_ppm = (uint8_t)number();
    identity.boot_id = (uint32_t)number();
    printf("%d\n", lsp_init(&sensor, &identity, &board, wanted, n_wanted));
    n_wanted = 0;
}

static void set_board(void)
{
    bool complete = number();

    memset(&board, 0, sizeof board);
    board.start = board_start;
    board.stop = board_stop;
    if (!complete)
        return;
    board.set_rate = board_rate;
    board.set_format = board_format;
    board.impedance = board_impedance;
    board.identify = board_identify;
    board.set_conn = board_conn;
    board.save = board_save;
    board.reset = board_reset;
}

static void control(void)
{
    uint64_t tick = number();
    uint16_t payload = (uint16_t)number();
    uint8_t request[512], *exact, response[LSP_MAX_RESPONSE];
    size_t length = read_hex(request);

    exact = malloc(length + 1); /* so that a byte read behind the request is noticed */
    memcpy(exact, request, length);
    exact = realloc(exact, length ? length : 1);
    length = lsp_control(&sensor, tick, payload, exact, length, response);
    free(exact);
    print_hex(response, length);
}

static void put(void)
{
    static int32_t values[MOST_VALUES];
    uint8_t stream = (uint8_t)number();
    uint64_t tick = number();
    uint32_t n_samples = (uint32_t)number(), i, n_values;

    n_values = n_samples * sensor.streams[stream].descriptor.channels;
    for (i = 0; i < n_values && i < MOST_VALUES; i++)
        values[i] = value();
    lsp_put(&sensor, stream, tick, values, n_samples);
}

static void data(void)
{
    uint16_t payload = (uint16_t)number();
    uint32_t most = (uint32_t)number();
    bool taken = number();
    uint8_t packet[512];
    size_t length = 1;

    while (most-- && (length = lsp_data(&sensor, payload, packet)) > 0) {
        print_hex(packet, length);
        if (taken)
            lsp_data_sent(&sensor);
    }
}

static void events(void)
{
    uint8_t packet[LSP_EVENT_BYTES];
    size_t length;

    while ((length = lsp_next_event(&sensor, packet)) > 0) {
        print_hex(packet, length);
        lsp_event_sent(&sensor);
    }
}

static void obey(const char *command)
{
    uint8_t out[LSP_MAX_INFO];
    uint64_t tick, many;
    uint8_t first;

    if (!strcmp(command, "stream")) add_stream();
    else if (!strcmp(command, "boot")) boot();
    else if (!strcmp(command, "board")) set_board();
    else if (!strcmp(command, "result")) board_result = (uint8_t)number();
    else if (!strcmp(command, "info")) print_hex(out, lsp_info(&sensor, out));
    else if (!strcmp(command, "control")) control();
    else if (!strcmp(command, "put")) put();
    else if (!strcmp(command, "missed")) { first = (uint8_t)number(); lsp_missed(&sensor, first, (uint32_t)number()); }
    else if (!strcmp(command, "link")) lsp_linked(&sensor);
    else if (!strcmp(command, "unlink")) lsp_unlinked(&sensor);
    else if (!strcmp(command, "data")) data();
    else if (!strcmp(command, "sent")) lsp_data_sent(&sensor);
    else if (!strcmp(command, "delivered")) for (many = number(); many; many--) lsp_data_delivered(&sensor);
    else if (!strcmp(command, "raise")) { tick = number(); first = (uint8_t)number(); lsp_raise(&sensor, tick, first, value()); }
    else if (!strcmp(command, "events")) events();
    else if (!strcmp(command, "lead")) { tick = number(); first = (uint8_t)number(); lsp_set_lead_off(&sensor, tick, first, (uint8_t)number()); }
    else if (!strcmp(command, "battery")) { tick = number(); many = number(); lsp_set_battery(&sensor, tick, (uint16_t)many, number()); }
    else if (!strcmp(command, "temperature")) lsp_set_temperature(&sensor, (int16_t)value());
    else if (!strcmp(command, "impedance")) { first = (uint8_t)number(); lsp_set_impedance(&sensor, first, (uint32_t)number()); }
    else if (!strcmp(command, "status")) print_hex(out, lsp_status(&sensor, out));
    else if (!strcmp(command, "due")) printf("%d\n", lsp_status_due(&sensor, number()));
    else if (!strcmp(command, "poll")) lsp_poll(&sensor, number());
    else printf("what is %s\n", command);
}

int main(void)
{
    static char line[LINE];

    while (fgets(line, sizeof line, stdin)) {
        obey(strtok(line, " \n"));
        printf(".\n");
        fflush(stdout);
    }
    while (n_wanted < LSP_MAX_STREAMS)
        free(wanted[n_wanted++].storage);
    return 0;
}

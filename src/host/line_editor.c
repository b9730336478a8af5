/// Line editing by libedit. See line_editor.h; rules: editline(3), signalfd(2).
#include "line_editor.h"

#include "line_text.h"
#include "terminal_input.h"

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct pg_line_editor {
    EditLine *el;
    HistoryW *history;
    pg_attention *attention;
    pg_line_hooks hooks;
    wchar_t *prompt;          ///< of the line being read
    pg_line_end end;          ///< how that line ends if libedit gives none
    unsigned char pending[4]; ///< bytes read and not yet decoded
    size_t pending_count;
    int input;      ///< of pg_terminal_input_open
    bool decorates; ///< the terminal understands escape sequences
};

static pg_line_editor *editor_of(EditLine *el)
{
    void *editor = NULL;
    (void)el_wget(el, EL_CLIENTDATA, &editor);
    return editor;
}

static wchar_t *give_prompt(EditLine *el)
{
    return editor_of(el)->prompt;
}

static void put(const char *text)
{
    (void)!write(STDOUT_FILENO, text, strlen(text));
}

/// Rows that `count` characters of the line take beyond the first one; 0 where that is not known.
static size_t rows_of(const pg_line_editor *e, const wchar_t *text, size_t count)
{
    struct winsize size;
    if (!e->decorates || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 0;
    return pg_wide_rows(e->prompt, PG_LINE_PROMPT_ESCAPE, text, count, size.ws_col);
}

/// Moves the cursor `rows` up ('A') or down ('B').
static void move(size_t rows, char direction)
{
    char sequence[32];
    (void)snprintf(sequence, sizeof sequence, "\033[%zu%c", rows, direction);
    put(rows > 0 ? sequence : "");
}

/// Leaves a line that was given up: what follows begins below all of it.
static void leave_line(pg_line_editor *e)
{
    const LineInfoW *info = el_wline(e->el);
    size_t all = rows_of(e, info->buffer, (size_t)(info->lastchar - info->buffer));
    size_t row = rows_of(e, info->buffer, (size_t)(info->cursor - info->buffer));
    move(all - row, 'B');
    put(all > row ? "\r\n" : "");
    put(e->end == PG_LINE_INTERRUPTED ? "^C\r\n" : "\r\n");
}

/// Goes back to where the prompt began: libedit then draws all of it anew, wherever it thinks that
/// the cursor is. A terminal that changed its width has broken the line anew by itself.
static void return_to_start(pg_line_editor *e)
{
    const LineInfoW *info = el_wline(e->el);
    move(rows_of(e, info->buffer, (size_t)(info->cursor - info->buffer)), 'A');
    put(e->decorates ? "\r\033[J" : "\r\n");
}

/// Makes the terminal ready for editing again.
static void resume(pg_line_editor *e)
{
    (void)el_wset(e->el, EL_PREP_TERM, 1);
    put(e->decorates ? "\033[?2004h" : "");
    el_resize(e->el);
}

/// What a signal means for a line being edited. False ends the line.
static bool obey_signal(pg_line_editor *e, int signal)
{
    switch (signal) {
    case SIGINT:
        e->end = PG_LINE_INTERRUPTED;
        return false;
    case SIGWINCH:
        return_to_start(e);
        el_resize(e->el);
        break;
    case SIGHUP:
    case SIGTERM:
    case SIGQUIT:
    case SIGTSTP:
        (void)el_wset(e->el, EL_PREP_TERM, 0);
        put(e->decorates ? "\033[?2004l\r\n" : "\r\n");
        pg_attention_obey(signal);
        // The terminal may be another program's until this one is continued.
        resume(e);
        break;
    case SIGCONT:
        return_to_start(e);
        resume(e);
        break;
    default:
        return true;
    }
    (void)el_wset(e->el, EL_REFRESH);
    return true;
}

/// Waits for the terminal, obeying signals meanwhile. False when one ends the line.
static bool wait_for_input(pg_line_editor *e)
{
    for (int signal; (signal = pg_attention_take_back(e->attention)) != 0;)
        if (!obey_signal(e, signal))
            return false;
    for (;;) {
        struct pollfd entries[2] = {
            {.fd = e->input, .events = POLLIN},
            {.fd = e->attention->fd, .events = POLLIN},
        };
        int n = ppoll(entries, 2, NULL, NULL);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0 && entries[1].revents != 0)
            for (int signal; (signal = pg_attention_take(e->attention)) != 0;)
                if (!obey_signal(e, signal))
                    return false;
        if (n > 0 && entries[0].revents != 0)
            return true;
    }
}

/// Adds one byte of the terminal to the pending ones. False at the end of input or of the line.
static bool read_byte(pg_line_editor *e)
{
    for (;;) {
        if (!wait_for_input(e))
            return false;
        ssize_t n = read(e->input, &e->pending[e->pending_count], 1);
        if (n == 1) {
            e->pending_count++;
            return true;
        }
        if (n == 0 || (errno != EINTR && errno != EAGAIN))
            return false;
    }
}

/// True while the pending bytes are the beginning of a sequence that goes on.
static bool sequence_is_open(const pg_line_editor *e)
{
    for (size_t i = 1; i < e->pending_count; i++)
        if ((e->pending[i] & 0xC0U) != 0x80)
            return false;
    return e->pending_count == 0 || e->pending_count < pg_utf8_length(e->pending[0]);
}

/// libedit's source of characters: one at a time, so that what is typed ahead stays with the
/// terminal for whoever reads next.
static int read_character(EditLine *el, wchar_t *out)
{
    pg_line_editor *e = editor_of(el);
    if (e->end == PG_LINE_INTERRUPTED)
        return -1;
    if (e->hooks.settle != NULL)
        e->hooks.settle(e->hooks.ctx);
    e->hooks.settle = NULL;
    while (sequence_is_open(e))
        if (!read_byte(e))
            return -1;
    size_t used;
    *out = pg_utf8_decode((pg_str){(const char *)e->pending, e->pending_count}, &used);
    e->pending_count -= used;
    memmove(e->pending, e->pending + used, e->pending_count);
    if (*out == PG_RAW_BYTE(0))
        *out = 4; // Ctrl-D typed before the line began, as the terminal hands it on
    return 1;
}

/// Tab.
static unsigned char complete_word(EditLine *el, int key)
{
    (void)key;
    pg_line_editor *e = editor_of(el);
    const LineInfoW *info = el_wline(el);
    pg_buf text;
    pg_buf_init(&text, NULL);
    pg_wide_put(&text, info->buffer, (size_t)(info->cursor - info->buffer));
    size_t cursor = text.len;
    pg_wide_put(&text, info->cursor, (size_t)(info->lastchar - info->cursor));
    pg_line_completion out = {0};
    pg_buf_init(&out.insert, NULL);
    pg_buf_init(&out.listing, NULL);
    if (!text.failed)
        e->hooks.complete(e->hooks.ctx, pg_str_slice(pg_buf_str(&text), 0, cursor),
                          pg_str_slice(pg_buf_str(&text), cursor, text.len), &out);
    wchar_t *insert = pg_wide_from(pg_buf_str(&out.insert));
    wchar_t *erased =
        out.erase <= cursor && insert != NULL
            ? pg_wide_from(pg_str_slice(pg_buf_str(&text), cursor - out.erase, cursor))
            : NULL;
    unsigned char result = CC_NORM;
    if (erased != NULL) {
        el_deletestr(el, (int)wcslen(erased));
        (void)el_winsertstr(el, insert);
        result = out.erase > 0 || out.insert.len > 0 ? CC_REFRESH : CC_REFRESH_BEEP;
    }
    if (out.listing.len > 0) {
        put("\r\n");
        (void)!write(STDOUT_FILENO, out.listing.ptr, out.listing.len);
        result = CC_REDISPLAY;
    }
    free(insert);
    free(erased);
    pg_buf_free(&out.insert);
    pg_buf_free(&out.listing);
    pg_buf_free(&text);
    return result;
}

/// Takes a bracketed paste, whose opening sequence was a key, as one text.
static unsigned char paste(EditLine *el, int key)
{
    (void)key;
    static const wchar_t closing[] = L"\033[201~";
    size_t matched = 0;
    size_t count = 0;
    wchar_t *text = malloc((PG_LINE_MAX + 1) * sizeof *text);
    wchar_t c;
    while (text != NULL && closing[matched] != 0 && el_wgetc(el, &c) == 1) {
        matched = c == closing[matched] ? matched + 1 : c == closing[0] ? 1 : 0;
        bool kept = matched == 0 && (c >= L' ' || c == L'\t' || c == L'\n' || c == L'\r');
        if (kept && c != 0x7F && count < PG_LINE_MAX)
            text[count++] = c == L'\r' ? L'\n' : c;
    }
    if (text == NULL)
        return CC_ERROR;
    while (count > 0 && text[count - 1] == L'\n')
        count--; // what is pasted waits for its user
    text[count] = 0;
    int failed = count > 0 ? el_winsertstr(el, text) : 0;
    free(text);
    return failed != 0 ? CC_ERROR : CC_REFRESH;
}

static void bind(EditLine *el, const wchar_t *keys, const wchar_t *function)
{
    (void)el_wset(el, EL_BIND, keys, function, NULL);
}

static void configure(pg_line_editor *e)
{
    EditLine *el = e->el;
    (void)el_wset(el, EL_CLIENTDATA, e);
    (void)el_wset(el, EL_EDITOR, L"emacs");
    (void)el_wset(el, EL_PROMPT_ESC, give_prompt, (wchar_t)PG_LINE_PROMPT_ESCAPE);
    (void)el_wset(el, EL_GETCFN, read_character);
    (void)el_wset(el, EL_HIST, history_w, e->history);
    (void)el_wset(el, EL_ADDFN, L"promptgen-complete", L"Complete the word", complete_word);
    (void)el_wset(el, EL_ADDFN, L"promptgen-paste", L"Insert a pasted text", paste);
    bind(el, L"\t", L"promptgen-complete");
    bind(el, L"\033[200~", L"promptgen-paste");
    bind(el, L"^R", L"em-inc-search-prev");
    bind(el, L"^S", L"em-inc-search-next");
    bind(el, L"^W", L"ed-delete-prev-word");
    bind(el, L"\033[3~", L"ed-delete-next-char");
    bind(el, L"\033[1~", L"ed-move-to-beg");
    bind(el, L"\033[4~", L"ed-move-to-end");
    bind(el, L"\033[1;5C", L"em-next-word");
    bind(el, L"\033[1;5D", L"ed-prev-word");
    (void)el_source(el, NULL); // the user's own bindings win
}

pg_status pg_line_editor_new(pg_attention *attention, const pg_line_hooks *hooks,
                             pg_line_editor **editor, pg_error *err)
{
    pg_line_editor *e = calloc(1, sizeof *e);
    if (e == NULL)
        return pg_error_set(err, PG_NOMEM, "not enough memory for the line editor");
    e->input = pg_terminal_input_open();
    e->attention = attention;
    e->hooks = *hooks;
    const char *term = getenv("TERM");
    e->decorates = term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
    (void)setlocale(LC_CTYPE, "C.UTF-8"); // without it, libedit shows other letters as escapes
    e->history = history_winit();
    e->el = el_init("promptgen", stdin, stdout, stderr);
    HistEventW event;
    if (e->history == NULL || e->el == NULL ||
        history_w(e->history, &event, H_SETSIZE, (int)PG_LINE_HISTORY_MAX) < 0 ||
        history_w(e->history, &event, H_SETUNIQUE, 1) < 0) {
        pg_line_editor_free(e);
        return pg_error_set(err, PG_UNSUPPORTED, "cannot edit lines on this terminal");
    }
    configure(e);
    *editor = e;
    return PG_OK;
}

void pg_line_editor_free(pg_line_editor *editor)
{
    if (editor == NULL)
        return;
    if (editor->el != NULL)
        el_end(editor->el);
    if (editor->history != NULL)
        history_wend(editor->history);
    (void)setlocale(LC_CTYPE, "C");
    pg_terminal_input_close(editor->input);
    free(editor->prompt);
    free(editor);
}

static pg_status take_line(const wchar_t *wide, int count, pg_buf *line, pg_error *err)
{
    size_t length = (size_t)count;
    if (length > 0 && (wide[length - 1] == L'\n' || wide[length - 1] == L'\r'))
        length--;
    pg_wide_put(line, wide, length);
    if (line->failed)
        return pg_error_set(err, PG_NOMEM, "not enough memory for a line");
    if (line->len > PG_LINE_MAX)
        return pg_error_set(err, PG_TOO_LARGE, "a line of more than %d bytes", PG_LINE_MAX);
    return PG_OK;
}

pg_status pg_line_editor_read(pg_line_editor *editor, pg_str prompt, pg_buf *line, pg_line_end *end,
                              pg_error *err)
{
    line->len = 0;
    free(editor->prompt);
    editor->prompt = pg_wide_from(prompt);
    if (editor->prompt == NULL)
        return pg_error_set(err, PG_NOMEM, "not enough memory for a prompt");
    for (wchar_t *c = editor->prompt; *c != 0; c++)
        if (*c == PG_RAW_BYTE(0))
            *c = L'?';
    editor->end = PG_LINE_EOF;
    pg_attention_set_editing(editor->attention, true);
    el_resize(editor->el);
    if (editor->decorates)
        put("\033[?2004h");
    // libedit would show the prompt first and then take the terminal: what is typed in between
    // would be echoed twice, and Ctrl-D would be lost.
    (void)el_wset(editor->el, EL_PREP_TERM, 1);
    int count = 0;
    const wchar_t *wide = el_wgets(editor->el, &count);
    if (editor->decorates)
        put("\033[?2004l");
    pg_status status = PG_OK;
    if (wide != NULL && count > 0) {
        editor->end = PG_LINE_TEXT;
        status = take_line(wide, count, line, err);
    } else {
        leave_line(editor);
    }
    pg_attention_set_editing(editor->attention, false);
    *end = editor->end;
    return status;
}

pg_status pg_line_editor_remember(pg_line_editor *editor, pg_str entry, pg_error *err)
{
    wchar_t *wide = pg_wide_from(entry);
    HistEventW event;
    if (wide == NULL || history_w(editor->history, &event, H_ENTER, wide) < 0) {
        free(wide);
        return pg_error_set(err, PG_NOMEM, "not enough memory for the history");
    }
    free(wide);
    return PG_OK;
}

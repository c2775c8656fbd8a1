/* The inner loops, over the very arrays that NumPy maps.

   Optional: without it NumPy does the same in more calls (plain.py). What each function takes and gives is told in
   _kernel.pyi. Posting lists are uint32 and ascending, as they lie in the file; hits are int64 (NumPy's intp) in any
   order. Nothing is kept between calls, and nothing is allocated. Nothing is read or written outside an array whatever
   the arrays hold: sizes are checked where an array comes in (`fits`, ValueError: the caller's mistake), what is read
   off the file where it is to index memory (`inside`, IndexDamaged: files are checked when opened, but may change). */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>
#include <string.h>

/* ---- arrays coming in ---- */

typedef struct {
    Py_buffer view;
    union {
        void *any;
        const char *text;
        uint8_t *u8;
        uint16_t *u16;
        uint32_t *u32;
        uint64_t *u64;
        int64_t *i64;
        float *f32;
        double *f64;
    };
    int64_t n;
} Array;

/* A converter of PyArg_Parse: borrows the memory of an array, and with NULL gives it back. Nothing may be of any type. */
static int borrow(PyObject *object, Array *array, int size, int flags)
{
    if (!object) {
        PyBuffer_Release(&array->view);
        return 1;
    }
    if (PyObject_GetBuffer(object, &array->view, PyBUF_ND | flags) < 0)
        return 0;
    if (size && array->view.len && array->view.itemsize != size) {
        PyErr_Format(PyExc_ValueError, "items of %d bytes, not %d", (int)array->view.itemsize, size);
        PyBuffer_Release(&array->view);
        return 0;
    }
    array->any = array->view.buf;
    array->n = array->view.itemsize ? array->view.len / array->view.itemsize : 0;
    return Py_CLEANUP_SUPPORTED;
}

#define CONVERTER(name, size, flags)                                                                                   \
    static int name(PyObject *object, void *array) { return borrow(object, array, size, flags); }
CONVERTER(in_any, 0, 0) /* of whatever items */
CONVERTER(in_8, 1, 0)
CONVERTER(in_32, 4, 0)
CONVERTER(in_64, 8, 0)
CONVERTER(out_8, 1, PyBUF_WRITABLE)
CONVERTER(out_32, 4, PyBUF_WRITABLE)
CONVERTER(out_64, 8, PyBUF_WRITABLE)

#define MOST_LISTS 256

typedef struct {
    Array at[MOST_LISTS];
    int count;
} Lists;

/* The same for a Python list of arrays of 32-bit items. */
static int in_lists(PyObject *object, void *target)
{
    Lists *lists = target;
    if (!object) {
        while (lists->count)
            PyBuffer_Release(&lists->at[--lists->count].view);
        return 1;
    }
    Py_ssize_t count = PyList_Size(object);
    if (count > MOST_LISTS)
        PyErr_SetString(PyExc_ValueError, "too many lists");
    for (lists->count = 0; !PyErr_Occurred() && lists->count < count; lists->count++)
        if (!in_32(PyList_GetItem(object, lists->count), &lists->at[lists->count]))
            break;
    if (!PyErr_Occurred())
        return Py_CLEANUP_SUPPORTED;
    in_lists(NULL, lists);
    return 0;
}

static PyObject *done(int64_t found, Array *arrays[])
{
    for (; *arrays; arrays++)
        PyBuffer_Release(&(*arrays)->view);
    return PyErr_Occurred() ? NULL : PyLong_FromLongLong(found);
}
#define DONE(found, ...) done(found, (Array *[]){__VA_ARGS__, NULL})

static int fits(int that)
{
    if (!that)
        PyErr_SetString(PyExc_ValueError, "an array is too small");
    return that;
}

static PyObject *damaged; /* the class IndexDamaged */

static int inside(int that)
{
    if (!that)
        PyErr_SetString(damaged, "an array of the index is damaged");
    return that;
}

/* ---- words ---- */

static int64_t offset(const Array *offsets, int64_t i)
{
    return offsets->view.itemsize == 8 ? (int64_t)offsets->u64[i] : (int64_t)offsets->u32[i];
}

/* The stretch between the offsets `i` and `i + 1`, which must lie inside an array of `limit` items. */
static int stretch(const Array *offsets, int64_t i, int64_t limit, int64_t *begin, int64_t *end)
{
    *begin = offset(offsets, i);
    *end = offset(offsets, i + 1);
    return inside(0 <= *begin && *begin <= *end && *end <= limit);
}

static PyObject *find(PyObject *self, PyObject *args)
{
    Array text, offsets;
    const char *key;
    Py_ssize_t length;
    if (!PyArg_ParseTuple(args, "O&O&y#", in_8, &text, in_any, &offsets, &key, &length))
        return NULL;
    int64_t low = 0, n = offsets.n - 1, high = n, found = -1, begin, end;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (!stretch(&offsets, middle, text.n, &begin, &end))
            break;
        int64_t size = end - begin;
        int order = memcmp(text.text + begin, key, size < length ? size : length);
        if (order < 0 || (order == 0 && size < length))
            low = middle + 1;
        else
            high = middle;
    }
    if (!PyErr_Occurred() && low < n && stretch(&offsets, low, text.n, &begin, &end) && end - begin == length &&
        !memcmp(text.text + begin, key, length))
        found = low;
    return DONE(found, &text, &offsets);
}

static PyObject *rank(PyObject *self, PyObject *args)
{
    Array keys;
    unsigned long long key;
    if (!PyArg_ParseTuple(args, "O&K", in_64, &keys, &key))
        return NULL;
    int64_t low = 0, high = keys.n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (keys.u64[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return DONE(low < keys.n && keys.u64[low] == key ? low : -1, &keys);
}

static PyObject *texts(PyObject *self, PyObject *args)
{
    Array text, offsets, wanted;
    if (!PyArg_ParseTuple(args, "O&O&O&", in_8, &text, in_any, &offsets, in_64, &wanted))
        return NULL;
    PyObject *found = PyList_New(0);
    for (int64_t i = 0; found && !PyErr_Occurred() && i < wanted.n; i++) {
        int64_t at = wanted.i64[i], begin, end;
        if (!fits(at >= 0 && at < offsets.n - 1) || !stretch(&offsets, at, text.n, &begin, &end))
            break;
        PyObject *string = PyUnicode_DecodeUTF8(text.text + begin, end - begin, "surrogatepass");
        if (string)
            PyList_Append(found, string);
        else if (PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
            PyErr_Clear();
            inside(0);
        }
        Py_XDECREF(string);
    }
    PyBuffer_Release(&text.view);
    PyBuffer_Release(&offsets.view);
    PyBuffer_Release(&wanted.view);
    if (PyErr_Occurred())
        Py_CLEAR(found);
    return found;
}

/* ---- sets ---- */

/* The first index from `low` on whose item is not below `wanted`: steps that double, then bisection. */
static int64_t seek(const Array *list, int64_t low, uint32_t wanted)
{
    int64_t step = 1, high = low;
    while (high < list->n && list->u32[high] < wanted) {
        low = high + 1;
        high += step;
        step *= 2;
    }
    if (high > list->n)
        high = list->n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (list->u32[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static PyObject *intersect(PyObject *self, PyObject *args)
{
    Lists lists;
    Array out;
    if (!PyArg_ParseTuple(args, "O&O&", in_lists, &lists, out_64, &out))
        return NULL;
    int64_t found = 0, at[MOST_LISTS] = {0}, n = lists.count ? lists.at[0].n : 0;
    for (int64_t i = 0; fits(out.n >= n) && i < n; i++) { /* the shortest list leads */
        uint32_t doc = lists.at[0].u32[i];
        int k = 1;
        for (; k < lists.count; k++) {
            at[k] = seek(&lists.at[k], at[k], doc);
            if (at[k] == lists.at[k].n || lists.at[k].u32[at[k]] != doc)
                break;
        }
        if (k == lists.count)
            out.i64[found++] = doc;
        else if (at[k] == lists.at[k].n)
            break;
    }
    in_lists(NULL, &lists);
    return DONE(found, &out);
}

static PyObject *unite(PyObject *self, PyObject *args)
{
    Array left, right, out;
    if (!PyArg_ParseTuple(args, "O&O&O&", in_32, &left, in_32, &right, out_32, &out))
        return NULL;
    int64_t i = 0, j = 0, found = 0;
    if (fits(out.n >= left.n + right.n)) {
        while (i < left.n && j < right.n) {
            uint32_t a = left.u32[i], b = right.u32[j];
            out.u32[found++] = a < b ? a : b;
            i += a <= b;
            j += b <= a;
        }
        while (i < left.n)
            out.u32[found++] = left.u32[i++];
        while (j < right.n)
            out.u32[found++] = right.u32[j++];
    }
    return DONE(found, &left, &right, &out);
}

static PyObject *fresh(PyObject *self, PyObject *args)
{
    Array docs, seen, out;
    if (!PyArg_ParseTuple(args, "O&O&O&", in_32, &docs, out_8, &seen, out_64, &out))
        return NULL;
    int64_t found = 0;
    for (int64_t i = 0; fits(out.n >= docs.n) && i < docs.n; i++) {
        uint32_t doc = docs.u32[i];
        if (doc < seen.n && !seen.u8[doc]) {
            seen.u8[doc] = 1;
            out.i64[found++] = doc;
        }
    }
    return DONE(found, &docs, &seen, &out);
}

/* Take back the marks of the first `n` hits. */
static void unmark(const Array *hits, int64_t n, Array *slots)
{
    for (int64_t i = 0; i < n; i++)
        slots->u32[hits->i64[i]] = 0;
}

/* Mark each hit with its index + 1, so that a list can be walked and asked which of its documents are hits. */
static int mark(const Array *hits, int64_t documents, Array *slots)
{
    for (int64_t i = 0; i < hits->n; i++) {
        if (!inside(hits->i64[i] >= 0 && hits->i64[i] < documents)) {
            unmark(hits, i, slots);
            return 0;
        }
        slots->u32[hits->i64[i]] = (uint32_t)i + 1;
    }
    return 1;
}

#define RARE 16
/* A list with more than so many times as many documents as there are hits is searched for each, not walked. */

static PyObject *hold(PyObject *self, PyObject *args)
{
    Array hits, weights, slots, out;
    Lists lists;
    if (!PyArg_ParseTuple(args, "O&O&O&O&O&", in_64, &hits, in_lists, &lists, in_64, &weights, out_32, &slots, out_64,
                          &out))
        return NULL;
    if (fits(out.n >= hits.n && weights.n >= lists.count) && mark(&hits, slots.n, &slots)) {
        for (int k = 0; k < lists.count; k++) {
            const Array *docs = &lists.at[k];
            if (docs->n / RARE > hits.n) {
                for (int64_t i = 0, at = 0; i < hits.n; i++) {
                    at = seek(docs, i && hits.i64[i] > hits.i64[i - 1] ? at : 0, (uint32_t)hits.i64[i]);
                    if (at < docs->n && docs->u32[at] == hits.i64[i])
                        out.f64[i] += weights.f64[k];
                }
            } else {
                for (int64_t i = 0; i < docs->n; i++)
                    if (docs->u32[i] < slots.n && slots.u32[docs->u32[i]])
                        out.f64[slots.u32[docs->u32[i]] - 1] += weights.f64[k];
            }
        }
        unmark(&hits, hits.n, &slots);
    }
    in_lists(NULL, &lists);
    return DONE(0, &hits, &weights, &slots, &out);
}

/* ---- places ---- */

#define ZONE_BITS 2
static const uint32_t MAX_FREQUENCY = 255;

#define ZONES 4

/* Where documents lie: `coarse` has the document at every 64th position, `starts` where each begins, and the end;
   `weights` what an occurrence counts by its zone. */
typedef struct {
    Array coarse, starts, weights;
} Layout;

#define LAYOUT_FORMAT "O&O&O&"
#define LAYOUT(layout) in_32, &(layout).coarse, in_32, &(layout).starts, in_8, &(layout).weights

static int64_t documents(const Layout *layout)
{
    return layout->starts.n - 1;
}

static int is_whole(const Layout *layout)
{
    return documents(layout) > 0 && layout->weights.n >= ZONES;
}

/* A document at or before that of a position. */
static uint32_t document_near(const Layout *layout, uint32_t position)
{
    uint32_t doc = position >> 6 < layout->coarse.n ? layout->coarse.u32[position >> 6] : 0;
    return doc < documents(layout) ? doc : documents(layout) - 1;
}

/* The document of a position, from one at or before it. */
static uint32_t document_from(const Layout *layout, uint32_t doc, uint32_t position)
{
    while (doc + 1 < documents(layout) && layout->starts.u32[doc + 1] <= position)
        doc++;
    return doc;
}

/* The document of place `i` and how often, weighted, places lie in it; moves `i` behind them. */
static uint32_t next_document(const Layout *layout, const Array *places, int64_t *i, uint8_t *frequency)
{
    uint32_t position = places->u32[*i] >> ZONE_BITS, sum = 0;
    uint32_t doc = document_from(layout, document_near(layout, position), position), end = layout->starts.u32[doc + 1];
    do
        sum += layout->weights.u8[places->u32[(*i)++] & 3];
    while (*i < places->n && places->u32[*i] >> ZONE_BITS < end);
    *frequency = sum < MAX_FREQUENCY ? sum : MAX_FREQUENCY;
    return doc;
}

static PyObject *phrase(PyObject *self, PyObject *args)
{
    Lists lists;
    Array offsets, out;
    if (!PyArg_ParseTuple(args, "O&O&O&", in_lists, &lists, in_64, &offsets, out_32, &out))
        return NULL;
    int64_t found = 0, at[MOST_LISTS] = {0}, n = lists.count ? lists.at[0].n : 0;
    for (int64_t i = 0; fits(out.n >= n && offsets.n >= lists.count) && i < n; i++) { /* the shortest list leads */
        int64_t start = (int64_t)(lists.at[0].u32[i] >> ZONE_BITS) - offsets.i64[0];
        uint32_t zone = lists.at[0].u32[i] & 3;
        int k = 1;
        if (start < 0)
            continue;
        for (; k < lists.count; k++) {
            uint32_t wanted = (uint32_t)(start + offsets.i64[k]);
            at[k] = seek(&lists.at[k], at[k], wanted << ZONE_BITS);
            if (at[k] == lists.at[k].n || lists.at[k].u32[at[k]] >> ZONE_BITS != wanted)
                break;
            if (offsets.i64[k] == 0) /* the zone of an occurrence is that of its first character */
                zone = lists.at[k].u32[at[k]] & 3;
        }
        if (k == lists.count)
            out.u32[found++] = (uint32_t)start << ZONE_BITS | zone;
        else if (at[k] == lists.at[k].n)
            break;
    }
    in_lists(NULL, &lists);
    return DONE(found, &offsets, &out);
}

static PyObject *owners(PyObject *self, PyObject *args)
{
    Array places, docs, tf;
    Layout layout;
    if (!PyArg_ParseTuple(args, "O&" LAYOUT_FORMAT "O&O&", in_32, &places, LAYOUT(layout), out_32, &docs, out_8, &tf))
        return NULL;
    int64_t found = 0;
    if (fits(docs.n >= places.n && tf.n >= places.n && is_whole(&layout)))
        for (int64_t i = 0; i < places.n; found++)
            docs.u32[found] = next_document(&layout, &places, &i, &tf.u8[found]);
    return DONE(found, &places, &layout.coarse, &layout.starts, &layout.weights, &docs, &tf);
}

#define TOGETHER 64

/* Add up the weights of some places by document. Step by step for all of them: the processor then waits for many reads
   from far apart at once, where place by place it would wait for one after the other. */
static void add_up(const Layout *layout, const uint32_t *places, int64_t n, uint8_t *sums)
{
    uint32_t docs[TOGETHER];
    for (int64_t i = 0; i < n; i++)
        docs[i] = document_near(layout, places[i] >> ZONE_BITS);
    for (int64_t i = 0; i < n; i++)
        docs[i] += docs[i] + 1 < documents(layout) && layout->starts.u32[docs[i] + 1] <= places[i] >> ZONE_BITS;
    for (int64_t i = 0; i < n; i++)
        docs[i] = document_from(layout, docs[i], places[i] >> ZONE_BITS);
    for (int64_t i = 0; i < n; i++) {
        uint32_t more = sums[docs[i]] + layout->weights.u8[places[i] & 3];
        sums[docs[i]] = more < MAX_FREQUENCY ? more : MAX_FREQUENCY;
    }
}

/* Write which sums are not 0, and leave all 0. Each is written and only then counted: a branch could not be foreseen. */
static int64_t take_out(uint8_t *sums, int64_t n, uint32_t *docs, uint8_t *tf)
{
    int64_t found = 0;
    for (int64_t doc = 0; doc < n; doc++) {
        docs[found] = (uint32_t)doc;
        tf[found] = sums[doc];
        found += sums[doc] != 0;
    }
    memset(sums, 0, n);
    return found;
}

static PyObject *gather(PyObject *self, PyObject *args)
{
    Array places, room, docs, tf;
    Layout layout;
    if (!PyArg_ParseTuple(args, "O&" LAYOUT_FORMAT "O&O&O&", in_32, &places, LAYOUT(layout), out_8, &room, out_32,
                          &docs, out_8, &tf))
        return NULL;
    int64_t found = 0, n = documents(&layout), least = places.n < n ? places.n : n;
    if (fits(is_whole(&layout) && room.n >= n && docs.n > least && tf.n > least)) {
        for (int64_t first = 0; first < places.n; first += TOGETHER)
            add_up(&layout, places.u32 + first, places.n - first < TOGETHER ? places.n - first : TOGETHER, room.u8);
        found = take_out(room.u8, n, docs.u32, tf.u8);
    }
    return DONE(found, &places, &layout.coarse, &layout.starts, &layout.weights, &room, &docs, &tf);
}

/* ---- scores ---- */

/* What is scored, and where to: `slots` have the index + 1 of every hit; `best` is room for a clause, `out` the sums. */
typedef struct {
    Layout layout;
    Array hits, slots, best, out;
} Scoring;

static void improve(float *best, float tf, float norm, float factor)
{
    float score = tf * factor / (tf + norm);
    if (score > *best)
        *best = score;
}

/* Score the hits by documents and their frequencies. */
static void score_words(Scoring *scoring, const Array *norms, const Array *docs, const Array *tf, float factor)
{
    if (docs->n / RARE > scoring->hits.n) {
        for (int64_t i = 0; i < scoring->hits.n; i++) {
            int64_t doc = scoring->hits.i64[i], at = seek(docs, 0, (uint32_t)doc);
            if (at < docs->n && docs->u32[at] == doc)
                improve(&scoring->best.f32[i], tf->u8[at], norms->f32[doc], factor);
        }
        return;
    }
    for (int64_t i = 0; i < docs->n; i++) {
        uint32_t doc = docs->u32[i], slot = doc < documents(&scoring->layout) ? scoring->slots.u32[doc] : 0;
        if (slot)
            improve(&scoring->best.f32[slot - 1], tf->u8[i], norms->f32[doc], factor);
    }
}

/* Score the hits by the places of a bigram. */
static void score_places(Scoring *scoring, const Array *norms, const Array *places, float factor)
{
    uint8_t tf;
    if (places->n / RARE > scoring->hits.n) {
        for (int64_t i = 0; i < scoring->hits.n; i++) {
            int64_t doc = scoring->hits.i64[i];
            const uint32_t *starts = scoring->layout.starts.u32;
            int64_t at = seek(places, 0, starts[doc] << ZONE_BITS);
            if (at < places->n && places->u32[at] >> ZONE_BITS < starts[doc + 1]) {
                next_document(&scoring->layout, places, &at, &tf);
                improve(&scoring->best.f32[i], tf, norms->f32[doc], factor);
            }
        }
        return;
    }
    for (int64_t i = 0; i < places->n;) {
        uint32_t doc = next_document(&scoring->layout, places, &i, &tf), slot = scoring->slots.u32[doc];
        if (slot)
            improve(&scoring->best.f32[slot - 1], tf, norms->f32[doc], factor);
    }
}

static int score_form(Scoring *scoring, const Array *norms, PyObject *form)
{
    Array docs, tf;
    PyObject *frequencies;
    float factor;
    if (!PyArg_ParseTuple(form, "O&Of", in_32, &docs, &frequencies, &factor))
        return 0;
    if (frequencies == Py_None) {
        score_places(scoring, norms, &docs, factor);
    } else if (in_8(frequencies, &tf)) {
        if (fits(tf.n >= docs.n))
            score_words(scoring, norms, &docs, &tf, factor);
        PyBuffer_Release(&tf.view);
    }
    PyBuffer_Release(&docs.view);
    return !PyErr_Occurred();
}

static int score_clause(Scoring *scoring, PyObject *clause)
{
    Array norms;
    PyObject *forms;
    if (!PyArg_ParseTuple(clause, "O&O!", in_32, &norms, &PyList_Type, &forms))
        return 0;
    Py_ssize_t count = PyList_Size(forms);
    if (fits(norms.n >= documents(&scoring->layout)))
        for (Py_ssize_t i = 0; i < count && score_form(scoring, &norms, PyList_GetItem(forms, i)); i++)
            ;
    for (int64_t i = 0; i < scoring->hits.n; i++) {
        scoring->out.f32[i] += scoring->best.f32[i];
        scoring->best.f32[i] = 0;
    }
    PyBuffer_Release(&norms.view);
    return !PyErr_Occurred();
}

static PyObject *score(PyObject *self, PyObject *args)
{
    Scoring scoring;
    PyObject *clauses;
    if (!PyArg_ParseTuple(args, "O!O&" LAYOUT_FORMAT "O&O&O&", &PyList_Type, &clauses, in_64, &scoring.hits,
                          LAYOUT(scoring.layout), out_32, &scoring.slots, out_32, &scoring.best, out_32, &scoring.out))
        return NULL;
    int64_t n = scoring.hits.n;
    Py_ssize_t count = PyList_Size(clauses);
    if (fits(scoring.out.n >= n && scoring.best.n >= n && is_whole(&scoring.layout) &&
             scoring.slots.n >= documents(&scoring.layout)) &&
        mark(&scoring.hits, documents(&scoring.layout), &scoring.slots)) {
        for (Py_ssize_t i = 0; i < count && score_clause(&scoring, PyList_GetItem(clauses, i)); i++)
            ;
        unmark(&scoring.hits, n, &scoring.slots);
    }
    return DONE(0, &scoring.hits, &scoring.layout.coarse, &scoring.layout.starts, &scoring.layout.weights,
                &scoring.slots, &scoring.best, &scoring.out);
}

static PyObject *rescore(PyObject *self, PyObject *args)
{
    Array offsets, codes, tf, hits, wanted, factors, norms, ranks, out, common, titles;
    int in_title;
    if (!PyArg_ParseTuple(args, "O&O&O&O&O&O&O&iO&O&O&O&", in_any, &offsets, in_any, &codes, in_8, &tf, in_64, &hits,
                          in_64, &wanted, in_32, &factors, in_32, &norms, &in_title, out_8, &ranks, out_32, &out,
                          out_64, &common, out_64, &titles))
        return NULL;
    int64_t characters = codes.n < tf.n ? codes.n : tf.n;
    int sound = fits(in_title > 0 && (codes.view.itemsize == 2 || !codes.n) && factors.n >= wanted.n && wanted.n < 256 &&
                     ranks.n >= 1 << 16 && out.n >= hits.n && common.n >= hits.n && titles.n >= hits.n);
    for (int64_t i = 0; sound && i < wanted.n; i++)
        sound = fits(wanted.i64[i] >= 0 && wanted.i64[i] < ranks.n);
    for (int64_t i = 0; sound && i < wanted.n; i++)
        ranks.u8[wanted.i64[i]] = (uint8_t)(i + 1);
    for (int64_t i = 0; sound && i < hits.n; i++) {
        int64_t doc = hits.i64[i], begin, end;
        if (!inside(doc >= 0 && doc < offsets.n - 1 && doc < norms.n) ||
            !stretch(&offsets, doc, characters, &begin, &end))
            break;
        float score = 0;
        for (int64_t at = begin; at < end; at++) {
            int rank = ranks.u8[codes.u16[at]], titled = tf.u8[at] >= in_title;
            float frequency = titled ? tf.u8[at] - in_title : tf.u8[at];
            titles.i64[i] += titled;
            if (rank) {
                score += frequency * factors.f32[rank - 1] / (frequency + norms.f32[doc]);
                common.i64[i] += titled;
            }
        }
        out.f32[i] = score;
    }
    for (int64_t i = 0; sound && i < wanted.n; i++)
        ranks.u8[wanted.i64[i]] = 0;
    return DONE(0, &offsets, &codes, &tf, &hits, &wanted, &factors, &norms, &ranks, &out, &common, &titles);
}

/* ---- counts and order ---- */

static PyObject *count(PyObject *self, PyObject *args)
{
    Array rows, hits, counts;
    int columns;
    if (!PyArg_ParseTuple(args, "O&iO&O&", in_any, &rows, &columns, in_64, &hits, out_64, &counts))
        return NULL;
    int wide = rows.view.itemsize == 4;
    int64_t documents = columns > 0 ? rows.n / columns : 0;
    int sound = fits(wide || rows.view.itemsize == 2 || !rows.n);
    for (int64_t i = 0; sound && i < hits.n; i++) {
        if (hits.i64[i] < 0 || hits.i64[i] >= documents) {
            sound = 0;
            break;
        }
        int64_t at = hits.i64[i] * columns;
        for (int k = 0; k < columns; k++) {
            uint32_t value = wide ? rows.u32[at + k] : rows.u16[at + k];
            if (value < counts.n)
                counts.i64[value]++;
            else
                sound = 0;
        }
    }
    if (!PyErr_Occurred())
        inside(sound);
    return DONE(0, &rows, &hits, &counts);
}

/* Python objects of the counts that are not 0, a dictionary up to each of the ends. */
static PyObject *spread(PyObject *self, PyObject *args)
{
    Array counts;
    PyObject *names, *ends, *found = NULL;
    if (!PyArg_ParseTuple(args, "O&O!O!", in_64, &counts, &PyList_Type, &names, &PyList_Type, &ends))
        return NULL;
    Py_ssize_t facets = PyList_Size(ends), at = 0;
    if (fits(PyList_Size(names) >= counts.n))
        found = PyList_New(0);
    for (Py_ssize_t facet = 0; found && !PyErr_Occurred() && facet < facets; facet++) {
        Py_ssize_t end = PyLong_AsSsize_t(PyList_GetItem(ends, facet));
        PyObject *values = PyDict_New();
        for (; values && !PyErr_Occurred() && at < end && at < counts.n; at++) {
            PyObject *name = PyList_GetItem(names, at), *count;
            if (!counts.i64[at] || !PyUnicode_GetLength(name) || !(count = PyLong_FromLongLong(counts.i64[at])))
                continue;
            PyDict_SetItem(values, name, count);
            Py_DECREF(count);
        }
        if (values)
            PyList_Append(found, values);
        Py_XDECREF(values);
    }
    PyBuffer_Release(&counts.view);
    if (PyErr_Occurred())
        Py_CLEAR(found);
    return found;
}

typedef struct {
    Array scores, ranks, hits, heap;
} Ranking;

/* Whether hit `a` comes after hit `b`: by a lower score, or at the same one by a higher rank. */
static int after(const Ranking *by, int64_t a, int64_t b)
{
    float x = by->scores.f32[a], y = by->scores.f32[b];
    return x < y || (x == y && by->ranks.u32[by->hits.i64[a]] > by->ranks.u32[by->hits.i64[b]]);
}

static void sift(Ranking *by, int64_t n)
{
    int64_t *heap = by->heap.i64, at = 0, held = heap[0];
    for (;;) {
        int64_t child = 2 * at + 1;
        if (child + 1 < n && after(by, heap[child + 1], heap[child]))
            child++;
        if (child >= n || !after(by, heap[child], held))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = held;
}

static PyObject *top(PyObject *self, PyObject *args)
{
    Ranking by;
    if (!PyArg_ParseTuple(args, "O&O&O&O&", in_32, &by.scores, in_32, &by.ranks, in_64, &by.hits, out_64, &by.heap))
        return NULL;
    int64_t *heap = by.heap.i64, n = by.hits.n, held = 0;
    int sound = fits(by.scores.n >= n);
    for (int64_t i = 0; sound && i < n; i++)
        sound = inside(by.hits.i64[i] >= 0 && by.hits.i64[i] < by.ranks.n);
    for (int64_t i = 0; sound && by.heap.n && i < n; i++) {
        if (held < by.heap.n) {
            int64_t at = held++; /* the last of the best stands on top */
            for (; at && after(&by, i, heap[(at - 1) / 2]); at = (at - 1) / 2)
                heap[at] = heap[(at - 1) / 2];
            heap[at] = i;
        } else if (after(&by, heap[0], i)) {
            heap[0] = i;
            sift(&by, held);
        }
    }
    for (int64_t last = held - 1; last > 0; last--) { /* put in order from the end */
        int64_t worst = heap[0];
        heap[0] = heap[last];
        sift(&by, last);
        heap[last] = worst;
    }
    return DONE(held, &by.scores, &by.ranks, &by.hits, &by.heap);
}

#define METHOD(name) {#name, name, METH_VARARGS, NULL}
static PyMethodDef methods[] = {
    METHOD(find), METHOD(rank), METHOD(texts), METHOD(intersect),
    METHOD(unite), METHOD(fresh), METHOD(hold), METHOD(phrase),
    METHOD(owners), METHOD(gather), METHOD(score), METHOD(rescore),
    METHOD(count), METHOD(spread), METHOD(top),
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_kernel", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void)
{
    PyObject *errors = PyImport_ImportModule("search.errors");
    if (errors && !damaged)
        damaged = PyObject_GetAttrString(errors, "IndexDamaged");
    Py_XDECREF(errors);
    return damaged ? PyModule_Create(&module) : NULL;
}

/*
 * A PKCS #11 library between a program and a real one: forwards every call, writes each down, and does to some of
 * them what a script says: other return codes, delays, wrong answers, crashes. For tests alone.
 *
 *   NATSUIN_SHIM_LIBRARY   path of the real library
 *   NATSUIN_SHIM_SCRIPT    path of the script; read again whenever the file is another one (replace it by rename)
 *   NATSUIN_SHIM_LOG       path of the log; processes append whole lines
 *
 * A line of the script is: FUNCTION WHEN ACTION [ARGUMENT]. FUNCTION is a name or *. WHEN is always, at=N, from=N or
 * every=N; each process counts the calls that match a line, from 1, since it read the script. The first line that
 * matches a call decides, except that delays add up. Actions:
 *
 *   return CODE    answer with this return code (hexadecimal) instead of calling
 *   after CODE     call, then answer with this code: the work is done and its answer is lost
 *   delay MS       wait before calling
 *   lose [CODE]    first all sessions of the token are closed, and the log-in with them; then the call, or this code
 *   hang           never answer
 *   crash          the process is killed before the call
 *   crash-after    the process is killed after the call
 *   flip           one bit of the signature is wrong
 *   short          the signature is one octet short
 *   garbage        the signature is 0x41 throughout
 *   limit N        C_OpenSession: no more than N sessions at a time
 *   absent         C_GetSlotList: there is no token
 *   serial TEXT, label TEXT, maker TEXT, flags HEX, free BYTES/TOTAL    C_GetTokenInfo: what the token says of itself
 *   flags HEX      C_GetSlotInfo: these too
 *   constant       C_GenerateRandom: always the same octet
 *   without HEX    this mechanism does not exist (with FUNCTION *)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <pkcs11/pkcs11.h>

#define MAX_RULES 64

struct rule {
	char function[40], when[8], action[16], argument[64];
	unsigned long n, met;
};

/* What becomes of one call. */
struct fate {
	char action[16], argument[64];
};

static CK_FUNCTION_LIST *real, ours;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct rule rules[MAX_RULES];
static int rule_count;
static struct stat script_seen;
static long open_sessions;
static int log_file = -1;

/* ---- the script ---- */

static int parse_rule(char *line, struct rule *rule)
{
	char when[24] = "";
	memset(rule, 0, sizeof *rule);
	if (line[0] == '#' || sscanf(line, "%39s %23s %15s %63[^\n]", rule->function, when, rule->action, rule->argument) < 3)
		return 0;
	if (sscanf(when, "%7[a-z]=%lu", rule->when, &rule->n) < 1)
		return 0;
	return 1;
}

/* With the lock held. */
static void read_script(void)
{
	const char *path = getenv("NATSUIN_SHIM_SCRIPT");
	struct stat now;
	FILE *file;
	char line[256];
	if (path == NULL || stat(path, &now) != 0)
		return;
	if (now.st_ino == script_seen.st_ino && now.st_mtim.tv_nsec == script_seen.st_mtim.tv_nsec &&
	    now.st_mtim.tv_sec == script_seen.st_mtim.tv_sec)
		return;
	script_seen = now;
	rule_count = 0;
	if ((file = fopen(path, "r")) == NULL)
		return;
	while (rule_count < MAX_RULES && fgets(line, sizeof line, file) != NULL)
		rule_count += parse_rule(line, &rules[rule_count]);
	fclose(file);
}

static int is_due(const struct rule *rule)
{
	if (strcmp(rule->when, "at") == 0)
		return rule->met == rule->n;
	if (strcmp(rule->when, "from") == 0)
		return rule->met >= rule->n;
	if (strcmp(rule->when, "every") == 0)
		return rule->n > 0 && rule->met % rule->n == 0;
	return 1;
}

static int concerns(const struct rule *rule, const char *function)
{
	if (strcmp(rule->action, "without") == 0)
		return 0;
	return strcmp(rule->function, "*") == 0 || strcmp(rule->function, function) == 0;
}

static void wait_milliseconds(long milliseconds)
{
	struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
	while (nanosleep(&time, &time) != 0)
		;
}

/* Decides about a call, and waits, hangs or dies where that comes before it. */
static struct fate meet(const char *function)
{
	struct fate fate = { "", "" };
	long delay = 0;
	pthread_mutex_lock(&lock);
	read_script();
	for (int i = 0; i < rule_count; i++) {
		struct rule *rule = &rules[i];
		if (!concerns(rule, function))
			continue;
		rule->met++;
		if (!is_due(rule))
			continue;
		if (strcmp(rule->action, "delay") == 0) {
			delay += atol(rule->argument);
		} else if (fate.action[0] == 0) {
			memcpy(fate.action, rule->action, sizeof fate.action);
			memcpy(fate.argument, rule->argument, sizeof fate.argument);
		}
	}
	pthread_mutex_unlock(&lock);
	if (delay > 0)
		wait_milliseconds(delay);
	if (strcmp(fate.action, "hang") == 0)
		for (;;)
			pause();
	if (strcmp(fate.action, "crash") == 0)
		kill(getpid(), SIGKILL);
	return fate;
}

static int is(const struct fate *fate, const char *action)
{
	return strcmp(fate->action, action) == 0;
}

static CK_RV code(const struct fate *fate)
{
	return strtoul(fate->argument, NULL, 16);
}

static int is_hidden(CK_MECHANISM_TYPE mechanism)
{
	int hidden = 0;
	pthread_mutex_lock(&lock);
	read_script();
	for (int i = 0; i < rule_count; i++)
		if (strcmp(rules[i].action, "without") == 0 && strtoul(rules[i].argument, NULL, 16) == mechanism)
			hidden = 1;
	pthread_mutex_unlock(&lock);
	return hidden;
}

/* ---- the log ---- */

static void hex(char *out, size_t room, const CK_BYTE *bytes, size_t length)
{
	size_t at = 0;
	for (size_t i = 0; bytes != NULL && i < length && at + 3 < room; i++)
		at += (size_t)sprintf(out + at, "%02x", bytes[i]);
	out[at] = 0;
}

/* time in microseconds, process, function, session, return code, detail */
static void note(const char *function, CK_ULONG session, CK_RV rv, const char *detail)
{
	char line[8192];
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	int length = snprintf(line, sizeof line, "%lld %d %s %lu %lx %s\n",
			      (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000, (int)getpid(), function, session, rv, detail);
	if (log_file >= 0 && write(log_file, line, (size_t)length) < 0)
		abort();
}

static CK_RV finish(const struct fate *fate, const char *function, CK_ULONG session, CK_RV rv, const char *detail)
{
	if (is(fate, "after"))
		rv = code(fate);
	note(function, session, rv, detail);
	if (is(fate, "crash-after"))
		kill(getpid(), SIGKILL);
	return rv;
}

/* Whether the call is answered here. */
static int is_answered(const struct fate *fate)
{
	return is(fate, "return") || (is(fate, "lose") && fate->argument[0] != 0);
}

/* What a token does that was reset: no session and no log-in is left. */
static void lose(const struct fate *fate, CK_SESSION_HANDLE session)
{
	CK_SESSION_INFO info;
	if (!is(fate, "lose") || real->C_GetSessionInfo(session, &info) != CKR_OK)
		return;
	real->C_CloseAllSessions(info.slotID);
	__atomic_store_n(&open_sessions, 0, __ATOMIC_SEQ_CST);
}

#define FORWARD(name, session, arguments)                                        \
	struct fate fate = meet(#name);                                          \
	lose(&fate, session);                                                    \
	CK_RV rv = is_answered(&fate) ? code(&fate) : real->name arguments;     \
	return finish(&fate, #name, session, rv, "")

#define FORWARD_MECHANISM(name, session, how, arguments)                         \
	struct fate fate = meet(#name);                                          \
	lose(&fate, session);                                                    \
	CK_RV rv;                                                                \
	char detail[32];                                                         \
	snprintf(detail, sizeof detail, "mechanism=%lx", (how)->mechanism);      \
	if (is_hidden((how)->mechanism))                                         \
		rv = CKR_MECHANISM_INVALID;                                      \
	else                                                                     \
		rv = is_answered(&fate) ? code(&fate) : real->name arguments;   \
	return finish(&fate, #name, session, rv, detail)

/* ---- library, slots, tokens ---- */

static CK_RV shim_Initialize(CK_VOID_PTR arguments) { FORWARD(C_Initialize, 0, (arguments)); }
static CK_RV shim_Finalize(CK_VOID_PTR reserved) { FORWARD(C_Finalize, 0, (reserved)); }

static CK_RV shim_GetSlotList(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count)
{
	struct fate fate = meet("C_GetSlotList");
	CK_RV rv = is(&fate, "return") ? code(&fate) : real->C_GetSlotList(present, list, count);
	if (is(&fate, "absent") && rv == CKR_OK)
		*count = 0;
	return finish(&fate, "C_GetSlotList", 0, rv, "");
}

static void padded(CK_UTF8CHAR *field, size_t size, const char *text)
{
	memset(field, ' ', size);
	memcpy(field, text, strlen(text) < size ? strlen(text) : size);
}

static CK_RV shim_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info)
{
	struct fate fate = meet("C_GetTokenInfo");
	CK_RV rv = is(&fate, "return") ? code(&fate) : real->C_GetTokenInfo(slot, info);
	if (rv == CKR_OK && is(&fate, "serial"))
		padded(info->serialNumber, sizeof info->serialNumber, fate.argument);
	if (rv == CKR_OK && is(&fate, "label"))
		padded(info->label, sizeof info->label, fate.argument);
	if (rv == CKR_OK && is(&fate, "maker")) {
		padded(info->manufacturerID, sizeof info->manufacturerID, fate.argument);
		padded(info->model, sizeof info->model, fate.argument);
	}
	if (rv == CKR_OK && is(&fate, "flags"))
		info->flags |= strtoul(fate.argument, NULL, 16);
	if (rv == CKR_OK && is(&fate, "free"))
		sscanf(fate.argument, "%lu/%lu", &info->ulFreePrivateMemory, &info->ulTotalPrivateMemory);
	return finish(&fate, "C_GetTokenInfo", slot, rv, "");
}

static CK_RV shim_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info)
{
	struct fate fate = meet("C_GetSlotInfo");
	CK_RV rv = is(&fate, "return") ? code(&fate) : real->C_GetSlotInfo(slot, info);
	if (rv == CKR_OK && is(&fate, "flags"))
		info->flags |= strtoul(fate.argument, NULL, 16);
	return finish(&fate, "C_GetSlotInfo", slot, rv, "");
}

static CK_RV shim_GetMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count)
{
	struct fate fate = meet("C_GetMechanismList");
	CK_RV rv = is(&fate, "return") ? code(&fate) : real->C_GetMechanismList(slot, list, count);
	if (rv == CKR_OK && list != NULL) {
		CK_ULONG kept = 0;
		for (CK_ULONG i = 0; i < *count; i++)
			if (!is_hidden(list[i]))
				list[kept++] = list[i];
		*count = kept;
	}
	return finish(&fate, "C_GetMechanismList", slot, rv, "");
}

static CK_RV shim_GetMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info)
{
	CK_MECHANISM mechanism = { type, NULL, 0 };
	FORWARD_MECHANISM(C_GetMechanismInfo, slot, &mechanism, (slot, type, info));
}

/* ---- sessions ---- */

static CK_RV shim_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
			      CK_SESSION_HANDLE_PTR session)
{
	struct fate fate = meet("C_OpenSession");
	CK_RV rv = CKR_SESSION_COUNT;
	if (is(&fate, "return"))
		rv = code(&fate);
	else if (!is(&fate, "limit") || open_sessions < atol(fate.argument))
		rv = real->C_OpenSession(slot, flags, application, notify, session);
	if (rv == CKR_OK)
		__atomic_add_fetch(&open_sessions, 1, __ATOMIC_SEQ_CST);
	return finish(&fate, "C_OpenSession", rv == CKR_OK ? *session : 0, rv, "");
}

static CK_RV shim_CloseSession(CK_SESSION_HANDLE session)
{
	struct fate fate = meet("C_CloseSession");
	CK_RV rv = is(&fate, "return") ? code(&fate) : real->C_CloseSession(session);
	if (rv == CKR_OK)
		__atomic_sub_fetch(&open_sessions, 1, __ATOMIC_SEQ_CST);
	return finish(&fate, "C_CloseSession", session, rv, "");
}

/* The PIN stays out of the log. */
static CK_RV shim_Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length)
{
	FORWARD(C_Login, session, (session, user, pin, length));
}

static CK_RV shim_GetSessionInfo(CK_SESSION_HANDLE session, CK_SESSION_INFO_PTR info)
{
	FORWARD(C_GetSessionInfo, session, (session, info));
}

/* ---- objects ---- */

static CK_RV shim_CreateObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR template, CK_ULONG count,
			       CK_OBJECT_HANDLE_PTR object)
{
	FORWARD(C_CreateObject, session, (session, template, count, object));
}

static CK_RV shim_CopyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR template,
			     CK_ULONG count, CK_OBJECT_HANDLE_PTR copy)
{
	FORWARD(C_CopyObject, session, (session, object, template, count, copy));
}

static CK_RV shim_DestroyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
	FORWARD(C_DestroyObject, session, (session, object));
}

static CK_RV shim_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR template,
				    CK_ULONG count)
{
	FORWARD(C_GetAttributeValue, session, (session, object, template, count));
}

static CK_RV shim_FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR template, CK_ULONG count)
{
	FORWARD(C_FindObjectsInit, session, (session, template, count));
}

static CK_RV shim_FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE_PTR objects, CK_ULONG max, CK_ULONG_PTR count)
{
	FORWARD(C_FindObjects, session, (session, objects, max, count));
}

static CK_RV shim_FindObjectsFinal(CK_SESSION_HANDLE session) { FORWARD(C_FindObjectsFinal, session, (session)); }

/* ---- keys ---- */

static CK_RV shim_GenerateKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR template,
			      CK_ULONG count, CK_OBJECT_HANDLE_PTR key)
{
	FORWARD_MECHANISM(C_GenerateKey, session, mechanism, (session, mechanism, template, count, key));
}

static CK_RV shim_GenerateKeyPair(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR publics,
				  CK_ULONG public_count, CK_ATTRIBUTE_PTR privates, CK_ULONG private_count,
				  CK_OBJECT_HANDLE_PTR public_key, CK_OBJECT_HANDLE_PTR private_key)
{
	FORWARD_MECHANISM(C_GenerateKeyPair, session, mechanism,
			  (session, mechanism, publics, public_count, privates, private_count, public_key, private_key));
}

static CK_RV shim_WrapKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE wrapping,
			  CK_OBJECT_HANDLE key, CK_BYTE_PTR wrapped, CK_ULONG_PTR length)
{
	FORWARD_MECHANISM(C_WrapKey, session, mechanism, (session, mechanism, wrapping, key, wrapped, length));
}

static CK_RV shim_UnwrapKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE unwrapping,
			    CK_BYTE_PTR wrapped, CK_ULONG length, CK_ATTRIBUTE_PTR template, CK_ULONG count,
			    CK_OBJECT_HANDLE_PTR key)
{
	FORWARD_MECHANISM(C_UnwrapKey, session, mechanism,
			  (session, mechanism, unwrapping, wrapped, length, template, count, key));
}

static CK_RV shim_GenerateRandom(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length)
{
	struct fate fate = meet("C_GenerateRandom");
	lose(&fate, session);
	CK_RV rv = is(&fate, "return") ? code(&fate) : real->C_GenerateRandom(session, data, length);
	if (rv == CKR_OK && is(&fate, "constant"))
		memset(data, 0x41, length);
	return finish(&fate, "C_GenerateRandom", session, rv, "");
}

/* ---- signatures ---- */

static CK_RV shim_SignInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key)
{
	FORWARD_MECHANISM(C_SignInit, session, mechanism, (session, mechanism, key));
}

static void spoil(const struct fate *fate, CK_BYTE_PTR signature, CK_ULONG_PTR length)
{
	if (is(fate, "flip") && *length > 0)
		signature[*length / 2] ^= 1;
	if (is(fate, "short") && *length > 0)
		(*length)--;
	if (is(fate, "garbage"))
		memset(signature, 0x41, *length);
}

/* What was asked for and what the token made of it stand in the log, before it is spoilt. */
static CK_RV shim_Sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_length, CK_BYTE_PTR signature,
		       CK_ULONG_PTR length)
{
	char detail[4096], in[1400], out[1400];
	struct fate fate = meet("C_Sign");
	lose(&fate, session);
	CK_RV rv = is(&fate, "return") ? code(&fate) : real->C_Sign(session, data, data_length, signature, length);
	int answered = rv == CKR_OK && signature != NULL;
	hex(in, sizeof in, data, data_length);
	hex(out, sizeof out, signature, answered ? *length : 0);
	if (answered)
		spoil(&fate, signature, length);
	snprintf(detail, sizeof detail, "in=%s out=%s", in, out);
	return finish(&fate, "C_Sign", session, rv, detail);
}

static CK_RV shim_SignFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR signature, CK_ULONG_PTR length)
{
	char detail[1500], out[1400];
	struct fate fate = meet("C_SignFinal");
	lose(&fate, session);
	CK_RV rv = is(&fate, "return") ? code(&fate) : real->C_SignFinal(session, signature, length);
	hex(out, sizeof out, signature, rv == CKR_OK ? *length : 0);
	snprintf(detail, sizeof detail, "in= out=%s", out);
	return finish(&fate, "C_SignFinal", session, rv, detail);
}

/* ---- the way in ---- */

static void fail(const char *what, const char *detail)
{
	fprintf(stderr, "pkcs11 shim: %s %s\n", what, detail);
	abort();
}

static void load(void)
{
	const char *path = getenv("NATSUIN_SHIM_LIBRARY"), *log_path = getenv("NATSUIN_SHIM_LOG");
	CK_C_GetFunctionList get_function_list;
	void *library = path == NULL ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		fail("NATSUIN_SHIM_LIBRARY cannot be loaded:", path == NULL ? "it is not set" : dlerror());
	get_function_list = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
	if (get_function_list == NULL || get_function_list(&real) != CKR_OK)
		fail("no function list in", path);
	if (log_path != NULL && (log_file = open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) < 0)
		fail("cannot open the log", log_path);
}

#define PUT(name) ours.C_##name = shim_##name

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list)
{
	if (real == NULL)
		load();
	ours = *real;
	PUT(Initialize); PUT(Finalize); PUT(GetSlotList); PUT(GetSlotInfo); PUT(GetTokenInfo); PUT(GetMechanismList);
	PUT(GetMechanismInfo); PUT(OpenSession); PUT(CloseSession); PUT(Login); PUT(GetSessionInfo);
	PUT(CreateObject); PUT(CopyObject); PUT(DestroyObject); PUT(GetAttributeValue); PUT(FindObjectsInit);
	PUT(FindObjects); PUT(FindObjectsFinal); PUT(GenerateKey); PUT(GenerateKeyPair); PUT(WrapKey);
	PUT(UnwrapKey); PUT(GenerateRandom); PUT(SignInit); PUT(Sign); PUT(SignFinal);
	*list = &ours;
	return CKR_OK;
}

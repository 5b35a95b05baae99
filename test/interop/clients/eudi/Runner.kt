/**
 * The CSC library of the EU's reference wallet, called as its own example calls it. Reads one line of JSON (where the
 * service is, which client this is, which digests are to be signed) and says line by line what became of each step.
 */
import eu.europa.ec.eudi.rqes.*
import java.net.URI
import java.net.URL
import java.time.Instant
import java.util.Base64
import java.util.UUID
import kotlin.system.exitProcess
import kotlinx.coroutines.runBlocking
import net.minidev.json.JSONArray
import net.minidev.json.JSONObject
import net.minidev.json.JSONValue

class Told(line: JSONObject) {
    val issuer = line.getAsString("issuer")
    val base = line.getAsString("base")
    val credential = CredentialID(line.getAsString("credentialID"))
    val contents = (line["contents"] as JSONArray).map { Base64.getDecoder().decode(it as String) }
    val digests = (line["hashes"] as JSONArray).map { DocumentDigest(Digest(it as String), "A document") }
    val config = CSCClientConfig(
        OAuth2Client.Confidential.ClientSecretBasic(line.getAsString("clientId"), line.getAsString("clientSecret")),
        URI(line.getAsString("redirectUri")),
        URL(issuer),
        ParUsage.Required,
        RarUsage.Required,
    )
}

fun say(line: Map<String, Any>) {
    println(JSONObject(line).toJSONString())
    System.out.flush()
}

fun said(what: String, word: String) = say(mapOf("what" to what, "passed" to true, "word" to word))

/** The signer follows the URL in his browser; the code that comes back with him. */
fun codeFrom(browse: String, prepared: AuthorizationRequestPrepared): AuthorizationCode {
    say(mapOf("browse" to browse, "url" to prepared.authorizationCodeURL.toString()))
    val callback = URI(JSONValue.parse(readln()) as String)
    val query = callback.query.split("&").associate { it.substringBefore("=") to it.substringAfter("=") }
    return AuthorizationCode(query["code"] ?: error("no code: ${callback.query}"))
}

/** What the service says of itself; where the library cannot read it, what the library needs of it. */
suspend fun metadataOf(told: Told): RSSPMetadata {
    val id = RSSPId(told.base).getOrThrow()
    val resolved = RSSPMetadataResolver().resolve(id, null)
    resolved.onSuccess { said("info", "read, ${it.specs}") }
    resolved.onFailure { say(mapOf("what" to "info", "passed" to false, "word" to causeOf(it))) }
    return resolved.getOrElse { knownMetadata(id, told) }
}

fun causeOf(error: Throwable): String = (generateSequence(error) { it.cause }.last().message ?: "$error").lines().first()

suspend fun knownMetadata(id: RSSPId, told: Told): RSSPMetadata {
    val server = AuthorizationServerMetadataResolver().resolve(HttpsUrl(told.issuer).getOrThrow()).getOrThrow()
    val methods = listOf(RSSPMethod.CredentialsList, RSSPMethod.CredentialsInfo, RSSPMethod.SignaturesSignHash)
    val oauth = AuthType.OAuth2(server, setOf(Oauth2Grant.AuthorizationCode))
    return RSSPMetadataContent(id, null, null, null, null, null, null, setOf(oauth), false, methods, false)
}

suspend fun CSCClient.logIn(): ServiceAccessAuthorized {
    val state = UUID.randomUUID().toString()
    val prepared = prepareServiceAuthorizationRequest(state).getOrThrow()
    val code = codeFrom("logIn", prepared.value)
    return with(prepared) { authorizeWithAuthorizationCode(code, state).getOrThrow() }
}

suspend fun CSCClient.authorize(told: Told): CredentialAuthorized {
    val state = UUID.randomUUID().toString()
    val digests = DocumentDigestList(told.digests, HashAlgorithmOID.SHA_256, Instant.now())
    val credential = CredentialRef.ByCredentialID(told.credential)
    val subject = CredentialAuthorizationSubject(credential, digests, told.digests.size)
    val prepared = prepareCredentialAuthorizationRequest(subject, state).getOrThrow()
    val code = codeFrom("approve", prepared.authorizationRequestPrepared)
    return with(prepared) { authorizeWithAuthorizationCode(code, state).getOrThrow() }
}

fun verified(told: Told, authorized: CredentialAuthorized, signatures: List<Signature>): Boolean {
    val key = authorized.credentialCertificate.certificates!!.first().publicKey
    return told.contents.zip(signatures).all { (content, signature) ->
        java.security.Signature.getInstance("SHA256withECDSA").run {
            initVerify(key)
            update(content)
            verify(Base64.getDecoder().decode(signature.value))
        }
    }
}

fun main() = try {
    runBlocking { sign(Told(JSONValue.parse(readln()) as JSONObject)) }
} catch (error: Exception) {
    System.err.println(causeOf(error))
    exitProcess(1)
}

suspend fun sign(told: Told) {
    val client = CSCClient.oauth2(told.config, metadataOf(told)).getOrThrow()
    with(client) {
        val service = logIn()
        said("service authorization", "authorized")
        val listed = with(service) { listCredentials(CredentialsListRequest()).getOrThrow() }
        said("credentials/list", "${listed.size} credential, ${listed.first().scal}")
        val info = with(service) { credentialInfo(CredentialsInfoRequest(told.credential)).getOrThrow() }
        said("credentials/info", "${info.key.status}, chain of ${info.certificate.certificates!!.size}")
        val authorized = authorize(told)
        said("credential authorization", authorized::class.simpleName!!)
        require(authorized is CredentialAuthorized.SCAL2)
        val signed = with(authorized) { signHash(SigningAlgorithmOID.ECDSA_SHA256).getOrThrow() }
        val word = if (verified(told, authorized, signed.signatures)) "verified" else "do not verify"
        say(mapOf("what" to "signatures/signHash", "passed" to (word == "verified"), "word" to word))
    }
}

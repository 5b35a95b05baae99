import eu.europa.esig.dss.enumerations.SubIndication;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CertificateVerifier;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.spi.x509.revocation.ocsp.ExternalResourcesOCSPSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jose4j.json.JsonUtil;

/**
 * EU DSS as a judge: reads one question a line (JSON) on standard input and answers each with one line.
 *
 * It validates as its makers ship it, with the default policy (EN 319 102-1, AdES), and never asks anybody: what is
 * trusted, and what is known of revocations beside the document itself, stands in the question. One process for all
 * questions, because its start takes longer than they do.
 */
public final class Judge {
  public static void main(String[] args) throws Exception {
    BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      System.out.println(JsonUtil.toJson(answer(JsonUtil.parseJson(line))));
      System.out.flush();
    }
  }

  private static Map<String, Object> answer(Map<String, Object> question) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", question.get("id"));
    try {
      answer.put("signatures", judged(validatorFor(question).validateDocument()));
    } catch (Exception | LinkageError e) {
      answer.put("cannot", e.getClass().getSimpleName() + ": " + e.getMessage());
    }
    return answer;
  }

  private static SignedDocumentValidator validatorFor(Map<String, Object> question) {
    DSSDocument document = new FileDocument(new File((String) question.get("path")));
    SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(document);
    validator.setCertificateVerifier(verifierFor(question));
    validator.setValidationTime(Date.from(Instant.parse((String) question.get("at"))));
    validator.setDetachedContents(documents(question, "detached"));
    if (validator instanceof PDFDocumentValidator && question.get("password") != null) {
      ((PDFDocumentValidator) validator).setPasswordProtection(((String) question.get("password")).toCharArray());
    }
    return validator;
  }

  /** A new verifier has no source on the network; it is given what the question brings and nothing else. */
  private static CertificateVerifier verifierFor(Map<String, Object> question) {
    CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
    for (String path : paths(question, "anchors")) trusted.addCertificate(DSSUtils.loadCertificate(new File(path)));
    CertificateVerifier verifier = new CommonCertificateVerifier();
    verifier.setTrustedCertSources(trusted);
    verifier.setOcspSource(new ExternalResourcesOCSPSource(documents(question, "ocsp").toArray(new DSSDocument[0])));
    verifier.setCrlSource(new ExternalResourcesCRLSource(documents(question, "crl").toArray(new DSSDocument[0])));
    return verifier;
  }

  private static List<Map<String, Object>> judged(Reports reports) {
    SimpleReport report = reports.getSimpleReport();
    List<Map<String, Object>> signatures = new ArrayList<>();
    for (String id : report.getSignatureIdList()) {
      SubIndication sub = report.getSubIndication(id);
      Map<String, Object> signature = new LinkedHashMap<>();
      signature.put("indication", report.getIndication(id).name());
      signature.put("subIndication", sub == null ? null : sub.name());
      signature.put("level", report.getSignatureFormat(id).toString());
      signature.put("intact", reports.getDiagnosticData().getSignatureById(id).isBLevelTechnicallyValid());
      signature.put("errors", texts(report.getAdESValidationErrors(id)));
      signature.put("warnings", texts(report.getAdESValidationWarnings(id)));
      signatures.add(signature);
    }
    return signatures;
  }

  private static List<String> texts(List<Message> messages) {
    List<String> texts = new ArrayList<>();
    for (Message message : messages) texts.add(message.getValue());
    return texts;
  }

  private static List<DSSDocument> documents(Map<String, Object> question, String member) {
    List<DSSDocument> documents = new ArrayList<>();
    for (String path : paths(question, member)) documents.add(new FileDocument(new File(path)));
    return documents;
  }

  private static List<String> paths(Map<String, Object> question, String member) {
    List<String> paths = new ArrayList<>();
    for (Object path : (List<?>) question.get(member)) paths.add((String) path);
    return paths;
  }
}

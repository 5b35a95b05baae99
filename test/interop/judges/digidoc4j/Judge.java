import eu.europa.esig.dss.enumerations.SubIndication;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.digidoc4j.Configuration;
import org.digidoc4j.Container;
import org.digidoc4j.ContainerBuilder;
import org.digidoc4j.ContainerValidationResult;
import org.digidoc4j.Signature;
import org.digidoc4j.exceptions.DigiDoc4JException;
import org.digidoc4j.impl.asic.tsl.TSLCertificateSourceImpl;
import org.jose4j.json.JsonUtil;

/**
 * digidoc4j as a judge: reads one question a line (JSON) on standard input and answers each with one line.
 *
 * What is trusted stands in the question, instead of in a trusted list; time-stamping units do as well, because it wants
 * them there as services of their own. It judges at the present time, and has no way to
 * be told another.
 */
public final class Judge {
  public static void main(String[] args) throws Exception {
    BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      System.out.println(JsonUtil.toJson(answer(JsonUtil.parseJson(line))));
      System.out.flush();
    }
    // Its threads would keep the process.
    System.exit(0);
  }

  private static Map<String, Object> answer(Map<String, Object> question) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", question.get("id"));
    try {
      Container container = ContainerBuilder.aContainer()
          .fromExistingFile((String) question.get("path"))
          .withConfiguration(configuration(question))
          .build();
      answer.put("signatures", judged(container));
    } catch (Exception | LinkageError e) {
      answer.put("cannot", e.getClass().getSimpleName() + ": " + e.getMessage());
    }
    return answer;
  }

  private static Configuration configuration(Map<String, Object> question) throws Exception {
    TSLCertificateSourceImpl trusted = new TSLCertificateSourceImpl();
    for (String member : List.of("anchors", "units"))
      for (Object path : (List<?>) question.get(member)) trusted.addTSLCertificate(certificate((String) path));
    Configuration configuration = new Configuration(Configuration.Mode.TEST);
    configuration.setTSL(trusted);
    return configuration;
  }

  private static X509Certificate certificate(String path) throws Exception {
    try (InputStream der = new FileInputStream(path)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(der);
    }
  }

  private static List<Map<String, Object>> judged(Container container) {
    ContainerValidationResult result = container.validate();
    List<Map<String, Object>> signatures = new ArrayList<>();
    for (Signature one : container.getSignatures()) {
      SubIndication sub = result.getSubIndication(one.getUniqueId());
      Map<String, Object> signature = new LinkedHashMap<>();
      signature.put("indication", result.getIndication(one.getUniqueId()).name());
      signature.put("subIndication", sub == null ? null : sub.name());
      signature.put("level", one.getProfile().name());
      signature.put("validContainer", result.isValid());
      signature.put("errors", texts(result.getErrors()));
      signature.put("warnings", texts(result.getWarnings()));
      signatures.add(signature);
    }
    return signatures;
  }

  private static List<String> texts(List<DigiDoc4JException> messages) {
    List<String> texts = new ArrayList<>();
    for (DigiDoc4JException message : messages) texts.add(message.getMessage());
    return texts;
  }
}

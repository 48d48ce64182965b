//! Attributes of resources and data sources: as written, or as the provider makes them.

use std::rc::Rc;

use super::eval::{Eval, Evaluator, Fault};
use super::instance::{Env, Key, ResourceRef};
use super::value::{Data, Val};
use crate::source::{Placeholder, Span};

impl Evaluator<'_> {
    /// An attribute of a resource.
    pub fn of_resource(&self, resource: &Rc<ResourceRef>, name: &str, span: Span) -> Eval {
        let mut resource = resource.clone();
        if resource.key == Key::Single {
            match self.keys_of_resource(&resource, span)?.as_slice() {
                [Key::Single] => {}
                [only @ Key::Any] if self.block_of(&resource).is_some() => {
                    resource = Rc::new(ResourceRef {
                        key: only.clone(),
                        ..(*resource).clone()
                    });
                }
                [Key::Any] => {}
                // Old Terraform took the attribute of the only instance.
                [only] => {
                    resource = Rc::new(ResourceRef {
                        key: only.clone(),
                        ..(*resource).clone()
                    });
                }
                _ => {
                    let message = format!("`{}` has several instances, or none", resource.address());
                    return Err(Fault::new(span, message));
                }
            }
        }
        let key = (
            resource.instance.id,
            "attribute",
            format!("{}.{name}", resource.address()).into(),
        );
        self.cached(key, span, || self.attribute_here(&resource, name, span))
    }

    fn attribute_here(&self, resource: &ResourceRef, name: &str, span: Span) -> Eval {
        if let Some(made) = self.made(resource, name, span)? {
            return Ok(made);
        }
        if let Some(written) = self.written(resource, name)?
            && !written.is_null()
        {
            return Ok(written);
        }
        let full = format!("{}.{name}", resource.address());
        let own = !resource.name.is_data && matches!(name, "id" | "arn" | "name" | "unique_id");
        Ok(if own {
            let placeholder = self
                .state
                .borrow_mut()
                .names
                .add_identity_within(&self.scope, &full, span);
            let text = match prefix(&resource.name.kind) {
                Some(prefix) if name == "id" => placeholder.behind(prefix),
                Some(_) | None => placeholder.to_string(),
            };
            Val::text(text, span)
        } else {
            Val::unknown(full, span)
        })
    }

    /// The value that the block of a resource gives an attribute.
    pub fn written(&self, resource: &ResourceRef, name: &str) -> Result<Option<Val>, Fault> {
        let Some(block) = self.block_of(resource) else {
            return Ok(None);
        };
        let is_block = block.body.blocks(name).next().is_some();
        let Some(expr) = block.body.get(name) else {
            if is_block {
                let repetition = self.repetition(block, &resource.instance, &resource.name.address(), &resource.key)?;
                let env = Env {
                    instance: &resource.instance,
                    repetition: &repetition,
                    bound: None,
                };
                let body = self.body(&block.body, env, &|found| found == name)?;
                return Ok(body.get(name).cloned());
            }
            return Ok(None);
        };
        let repetition = self.repetition(block, &resource.instance, &resource.name.address(), &resource.key)?;
        let env = Env {
            instance: &resource.instance,
            repetition: &repetition,
            bound: None,
        };
        self.eval(expr, env).map(Some)
    }

    /// The text that a resource gives an attribute, if it gives one.
    fn written_text(&self, resource: &ResourceRef, name: &str) -> Result<Option<String>, Fault> {
        match self.written(resource, name)? {
            Some(value) if !value.is_null() => self.to_text(&value).map(Some),
            Some(_) | None => Ok(None),
        }
    }

    /// The name of a resource, or the placeholder of what it will be called.
    pub fn name_of(&self, resource: &ResourceRef, attribute: &str, span: Span) -> Result<String, Fault> {
        let written = self.written_text(resource, attribute)?.filter(|name| !name.is_empty());
        Ok(written.unwrap_or_else(|| self.identity(&resource.address(), span)))
    }

    /// What the provider makes of a resource, where that is known.
    fn made(&self, resource: &ResourceRef, name: &str, span: Span) -> Result<Option<Val>, Fault> {
        if resource.name.is_data {
            return self.made_data(resource, name, span);
        }
        let account = self.account;
        let iam = |kind: &str, attribute: &str| -> Result<String, Fault> {
            let path = self.written_text(resource, "path")?.unwrap_or_else(|| "/".to_owned());
            let name = self.name_of(resource, attribute, span)?;
            Ok(format!("arn:aws:iam::{account}:{kind}{path}{name}"))
        };
        let own = |what: &str| self.identity(&format!("{}.{what}", resource.address()), span);
        let made = match (&*resource.name.kind, name) {
            ("aws_s3_bucket", "id" | "bucket") => self.name_of(resource, "bucket", span)?,
            ("aws_s3_bucket", "arn") => format!("arn:aws:s3:::{}", self.name_of(resource, "bucket", span)?),
            ("aws_s3_bucket", "bucket_domain_name") => {
                format!("{}.s3.amazonaws.com", self.name_of(resource, "bucket", span)?)
            }
            ("aws_s3_bucket", "bucket_regional_domain_name") => {
                let region = self.region(span);
                format!("{}.s3.{region}.amazonaws.com", self.name_of(resource, "bucket", span)?)
            }
            (kind, "bucket" | "id") if kind.starts_with("aws_s3_bucket_") && kind != "aws_s3_bucket_object" => {
                match self.written(resource, "bucket")? {
                    Some(bucket) => return Ok(Some(bucket)),
                    None => return Ok(None),
                }
            }
            ("aws_s3_access_point", "id" | "arn") => {
                let region = self.region(span);
                format!(
                    "arn:aws:s3:{region}:{account}:accesspoint/{}",
                    self.name_of(resource, "name", span)?
                )
            }
            ("aws_iam_role", "arn") => iam("role", "name")?,
            ("aws_iam_user", "arn") => iam("user", "name")?,
            ("aws_iam_group", "arn") => iam("group", "name")?,
            ("aws_iam_policy", "arn" | "id") => iam("policy", "name")?,
            ("aws_iam_role" | "aws_iam_user" | "aws_iam_group" | "aws_iam_policy", "id" | "name") => {
                self.name_of(resource, "name", span)?
            }
            ("aws_iam_instance_profile", "arn") => iam("instance-profile", "name")?,
            ("aws_cloudfront_origin_access_identity", "iam_arn") => {
                format!(
                    "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity {}",
                    own("id")
                )
            }
            ("aws_cloudfront_distribution", "arn") => {
                format!("arn:aws:cloudfront::{account}:distribution/{}", own("id"))
            }
            ("aws_iam_openid_connect_provider", "arn" | "id") => {
                let url = self.written_text(resource, "url")?;
                let url = url.unwrap_or_else(|| own("url"));
                format!(
                    "arn:aws:iam::{account}:oidc-provider/{}",
                    url.trim_start_matches("https://")
                )
            }
            ("aws_iam_openid_connect_provider", "url") => match self.written_text(resource, "url")? {
                Some(url) => url.trim_start_matches("https://").to_owned(),
                None => return Ok(None),
            },
            ("aws_iam_saml_provider", "arn" | "id") => {
                format!(
                    "arn:aws:iam::{account}:saml-provider/{}",
                    self.name_of(resource, "name", span)?
                )
            }
            ("aws_sns_topic", "arn" | "id") => self.regional(resource, "sns", "", span)?,
            ("aws_sqs_queue", "arn") => self.regional(resource, "sqs", "", span)?,
            ("aws_cloudtrail", "arn" | "id") => self.regional(resource, "cloudtrail", "trail/", span)?,
            ("aws_lambda_function", "arn") => {
                let region = self.region(span);
                let name = self.name_of(resource, "function_name", span)?;
                format!("arn:aws:lambda:{region}:{account}:function:{name}")
            }
            ("terraform_data", "output") => return self.written(resource, "input"),
            ("aws_organizations_organization", "id") => own("id"),
            _ => return Ok(None),
        };
        Ok(Some(Val::text(made, span)))
    }

    fn regional(&self, resource: &ResourceRef, service: &str, before: &str, span: Span) -> Result<String, Fault> {
        let region = self.region(span);
        let name = self.name_of(resource, "name", span)?;
        Ok(format!("arn:aws:{service}:{region}:{}:{before}{name}", self.account))
    }

    fn made_data(&self, resource: &ResourceRef, name: &str, span: Span) -> Result<Option<Val>, Fault> {
        let text = |text: String| Ok(Some(Val::text(text, span)));
        let path = &resource.name;
        let named = |kind: &str, attribute: &str| -> Result<Option<Val>, Fault> {
            let Some(name) = self.written_text(resource, attribute)? else {
                return Ok(None);
            };
            Ok(Some(Val::text(
                format!("arn:aws:iam::{}:{kind}/{name}", self.account),
                span,
            )))
        };
        match (&*path.kind, name) {
            ("aws_iam_policy_document", "json" | "minified_json") => self.policy_document(resource, span).map(Some),
            ("template_file", "rendered") => self.old_template(resource, span).map(Some),
            ("aws_caller_identity", "account_id" | "id") => text(self.account.to_string()),
            ("aws_partition", "partition" | "id") => text("aws".to_owned()),
            ("aws_partition", "dns_suffix") => text("amazonaws.com".to_owned()),
            ("aws_region", "name" | "id" | "region") => match self.written(resource, "name")? {
                Some(found) if !found.is_null() => Ok(Some(found)),
                Some(_) | None => text(self.region(span)),
            },
            ("aws_iam_role", "arn") => named("role", "name"),
            ("aws_iam_user", "arn") => named("user", "user_name"),
            ("aws_iam_policy", "arn") => match self.written_text(resource, "arn")? {
                Some(arn) => text(arn),
                None => named("policy", "name"),
            },
            ("aws_iam_role", "id") => Ok(self.written(resource, "name")?),
            ("aws_s3_bucket", "id") => Ok(self.written(resource, "bucket")?),
            ("aws_s3_bucket", "arn") => match self.written_text(resource, "bucket")? {
                Some(bucket) => text(format!("arn:aws:s3:::{bucket}")),
                None => Ok(None),
            },
            ("aws_iam_openid_connect_provider", "arn") => match self.written_text(resource, "url")? {
                Some(url) => text(format!(
                    "arn:aws:iam::{}:oidc-provider/{}",
                    self.account,
                    url.trim_start_matches("https://")
                )),
                None => Ok(None),
            },
            ("aws_iam_openid_connect_provider", "url") => match self.written_text(resource, "url")? {
                Some(url) => text(url.trim_start_matches("https://").to_owned()),
                None => Ok(None),
            },
            ("aws_elb_service_account" | "aws_redshift_service_account" | "aws_cloudtrail_service_account", "arn") => {
                let account = self.placeholder(&resource.address(), span);
                text(format!("arn:aws:iam::{account}:root"))
            }
            ("aws_elb_service_account" | "aws_redshift_service_account" | "aws_cloudtrail_service_account", "id") => {
                text(self.placeholder(&resource.address(), span))
            }
            ("aws_cloudfront_log_delivery_canonical_user_id", "id") => text(LOG_DELIVERY.to_owned()),
            ("aws_canonical_user_id", "id") => text(
                self.state
                    .borrow_mut()
                    .names
                    .add_identity(OWN_CANONICAL_ID, span)
                    .to_string(),
            ),
            ("aws_cloudfront_origin_access_identity", "iam_arn") => {
                let id = self.written_text(resource, "id")?;
                let id = id.unwrap_or_else(|| self.placeholder(&format!("{}.id", resource.address()), span));
                text(format!(
                    "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity {id}"
                ))
            }
            _ => Ok(None),
        }
    }

    /// The Region that the root is deployed in: that of its provider, or the placeholder of it.
    pub fn region(&self, span: Span) -> String {
        let root = self.state.borrow().root.clone();
        let found = root.as_ref().and_then(|root| {
            let expr = root.module.region.as_ref()?;
            let value = self.cached((root.id, "provider", "region".into()), span, || {
                self.without_branching(|| self.eval(expr, Env::of(root)))
            });
            let value = value.ok()?;
            self.known_text(&value)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        });
        found.unwrap_or_else(|| self.placeholder("region", span))
    }

    /// A value as text, where it holds no placeholder.
    pub fn known_text<'v>(&self, value: &'v Val) -> Option<&'v str> {
        match &value.data {
            Data::Text(text) if !Placeholder::is_in(&text.text) => Some(&text.text),
            _ => None,
        }
    }
}

/// What the ids of a kind of resource begin with.
fn prefix(kind: &str) -> Option<&'static str> {
    match kind {
        "aws_vpc_endpoint" => Some("vpce-"),
        "aws_vpc" | "aws_default_vpc" => Some("vpc-"),
        "aws_organizations_organization" => Some("o-"),
        _ => None,
    }
}

/// What the canonical id of the own account is called.
pub(super) const OWN_CANONICAL_ID: &str = "canonical-user-id";

/// The account by which CloudFront delivers logs, as `data.aws_cloudfront_log_delivery_canonical_user_id` gives it.
const LOG_DELIVERY: &str = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0";
